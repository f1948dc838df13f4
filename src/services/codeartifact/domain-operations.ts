import Type from 'typebox'
import { createDomain, deleteDomain, describeDomain, listDomains } from '../../registry/domains.ts'
import { listRepositoriesInDomain } from '../../registry/repository-lists.ts'
import type { Caller } from '../../access/principal.ts'
import { TOKEN_SECONDS_MAX } from '../../access/token-limits.ts'
import { recordTokenRequest } from '../../registry/token-requests.ts'
import { epochSeconds } from '../../aws/rest-json.ts'
import * as field from './fields.ts'
import { domainInput } from './inputs.ts'
import { operation } from './operation.ts'
import { domainDescription, domainSummary, repositorySummary } from './responses.ts'
import { accountTarget, callersAccount, domainResource, domainTarget, taggingOf } from './targets.ts'

/** Source: CodeArtifact User Guide, "List repositories in a domain". */
const REPOSITORIES_PER_PAGE = 50
/** Unverified: the service's number is not documented. */
const DOMAINS_PER_PAGE = 50

export const domainOperations = {
  CreateDomain: operation({
    http: 'POST /v1/domain',
    remark: 'A key has to exist where its account is kept here; of other accounts only its form is checked.',
    input: {
      domain: field.domainField('domain'),
      encryptionKey: Type.Optional(field.encryptionKey),
      tags: Type.Optional(field.tags),
    },
    target(input, scope) {
      const address = { owner: callersAccount(scope), domain: input.domain }
      return { address, resource: '*', also: taggingOf(input.tags, domainResource(scope, address)) }
    },
    async run({ registry, caller, input: { domain, encryptionKey, tags = [] } }) {
      const made = await createDomain(registry, caller, { domain, encryptionKey, tags })
      return { members: { domain: domainDescription(registry.arns, made) } }
    },
  }),
  DescribeDomain: operation({
    http: 'GET /v1/domain',
    input: domainInput,
    target: domainTarget,
    async run({ registry, address }) {
      return { members: { domain: domainDescription(registry.arns, await describeDomain(registry, address)) } }
    },
  }),
  DeleteDomain: operation({
    http: 'DELETE /v1/domain',
    input: domainInput,
    target: domainTarget,
    async run({ registry, caller, address }) {
      const deleted = await deleteDomain(registry, caller, address)
      return { members: { domain: deleted && domainDescription(registry.arns, deleted) } }
    },
  }),
  ListDomains: operation({
    http: 'POST /v1/domains',
    input: field.pageFields('body'),
    target: accountTarget,
    async run({ registry, address, page, nextToken }) {
      const { items, next } = await listDomains(registry, address, page(DOMAINS_PER_PAGE))
      const domains = items.map((domain) => domainSummary(registry.arns, domain))
      return { members: { domains, nextToken: nextToken(next) } }
    },
  }),
  ListRepositoriesInDomain: operation({
    http: 'POST /v1/domain/repositories',
    input: {
      ...domainInput,
      administratorAccount: Type.Optional(field.accountField('administrator-account')),
      repositoryPrefix: Type.Optional(field.repositoryField('repository-prefix')),
      ...field.pageFields(),
    },
    target: domainTarget,
    async run({ registry, address, input, page, nextToken }) {
      const filter = { prefix: input.repositoryPrefix, administrator: input.administratorAccount }
      const { items, next } = await listRepositoriesInDomain(registry, address, filter, page(REPOSITORIES_PER_PAGE))
      const repositories = items.map((repository) => repositorySummary(registry.arns, repository))
      return { members: { repositories, nextToken: nextToken(next) } }
    },
  }),
  GetAuthorizationToken: operation({
    http: 'POST /v1/authorization-token',
    input: { ...domainInput, durationSeconds: Type.Optional(field.duration) },
    target(input, scope) {
      const target = domainTarget(input, scope)
      // Source: CodeArtifact User Guide, "Permissions to call GetAuthorizationToken".
      const keys = {
        'sts:awsservicename': 'codeartifact.amazonaws.com',
        'sts:durationseconds': String(input.durationSeconds ?? TOKEN_SECONDS_MAX),
      }
      const options = { keys, within: target.resource }
      return { ...target, also: [{ action: 'sts:GetServiceBearerToken', resource: '*', options }] }
    },
    async run({ parts, registry, caller, address, input: { durationSeconds: asked } }) {
      const durationSeconds = durationOf(asked, caller, registry.clock())
      await recordTokenRequest(registry, caller, { address, durationSeconds })
      const { token, expiresAt } = await parts.tokens.issue(caller.principal, address, durationSeconds)
      return { members: { authorizationToken: token, expiration: epochSeconds(expiresAt) } }
    },
  }),
}

/**
 * Nothing said: as long as possible. 0: until the temporary credentials end that asked; long-term ones do not end.
 * Source: CodeArtifact User Guide, "Tokens". Unit of the result: seconds.
 */
function durationOf(asked: number | undefined, { principal: { session } }: Caller, now: number): number {
  if (asked !== 0) return asked ?? TOKEN_SECONDS_MAX
  return session ? Math.min(TOKEN_SECONDS_MAX, (session.expiresAt - now) / 1000) : TOKEN_SECONDS_MAX
}
