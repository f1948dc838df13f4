import Type from 'typebox'
import { listTokenPage, type ListedToken, revokeTokens } from '../../access/token-list.ts'
import { RegistryError } from '../../registry/errors.ts'
import { isoTime, nextPage, pageInput, pageOf, text, time } from './fields.ts'
import { operation } from './operation.ts'
import { accountTarget } from './targets.ts'

/** Ours. */
const TOKENS_PER_PAGE = 100

const token = Type.Object({
  tokenId: Type.String(),
  domain: Type.String(),
  domainOwner: Type.String(),
  principalArn: Type.String(),
  accessKeyId: Type.String(),
  issuedAt: time,
  expiresAt: time,
  isRevoked: Type.Boolean(),
})

const filter = {
  principalArn: Type.Optional(text(2048)),
  accessKeyId: Type.Optional(text(128)),
  domain: Type.Optional(text(50)),
}

export const tokenOperations = {
  ListTokens: operation({
    http: 'GET /packyard/v1/tokens',
    summary: "Lists package tokens of the caller's account that have not ended, latest first.",
    input: { ...filter, ...pageInput },
    output: pageOf('tokens', token),
    target: accountTarget('token/*'),
    async run({
      registry: { metadata, clock },
      input: { principalArn, accessKeyId, domain },
      address,
      page,
      nextToken,
    }) {
      const meant = { principalArn, accessKeyId, domain, accountId: address }
      const { items, next } = await listTokenPage(metadata, meant, clock(), page(TOKENS_PER_PAGE))
      return { tokens: items.map(toToken), ...nextPage(nextToken(next)) }
    },
  }),
  RevokeToken: operation({
    http: 'DELETE /packyard/v1/tokens/{tokenId}',
    summary: 'Takes a package token back, in every process at once.',
    input: { tokenId: text(100) },
    output: Type.Object({ token }),
    target: ({ tokenId }, scope) => accountTarget(`token/${tokenId}`)({}, scope),
    async run({ registry: { metadata, clock }, input: { tokenId }, address }) {
      const [revoked] = await revokeTokens(metadata, { tokenId, accountId: address }, clock())
      if (!revoked) throw new RegistryError('missing', `there is no token '${tokenId}' that could be taken back`)
      return { token: toToken({ ...revoked, isRevoked: true }) }
    },
  }),
}

function toToken({ tokenId, domain, owner, principalArn, accessKeyId, issuedAt, expiresAt, isRevoked }: ListedToken) {
  const times = { issuedAt: isoTime(issuedAt), expiresAt: isoTime(expiresAt) }
  return { tokenId, domain, domainOwner: owner, principalArn, accessKeyId, ...times, isRevoked }
}
