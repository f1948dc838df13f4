import { randomBytes } from 'node:crypto'
import { explain } from '../access/explain.ts'
import { IamError } from '../access/iam/iam-error.ts'
import type { NewAccessKey } from '../access/identity.ts'
import { listTokens, type ListedToken, revokeTokens } from '../access/token-list.ts'
import { CommandError, exitCodes } from '../cli/exit-codes.ts'
import type { GivenTokenFilter, IdentityCommands, OutputForm } from '../cli/identity-program.ts'
import type { GivenFlags } from '../cli/program.ts'
import { renderTable } from '../cli/table.ts'
import { type CommandParts, withRegistry as openFor } from './registry-command.ts'
import type { OpenedRegistry } from './registry.ts'

/** They work on the installation itself, so that whoever can read its master key can always help themselves. */
export function createIdentityCommands(parts: CommandParts): IdentityCommands {
  const withRegistry = <T>(flags: GivenFlags, work: (opened: OpenedRegistry) => Promise<T>): Promise<T> =>
    openFor(parts, flags, work)
  const show = (tokens: readonly ListedToken[], form: OutputForm) => parts.writeOut(renderTokens(tokens, form))
  return {
    async listTokens(flags, filter, form) {
      show(await withRegistry(flags, ({ registry }) => listTokens(registry.metadata, filter, registry.clock())), form)
      return exitCodes.success
    },
    async revokeTokens(flags, filter, form) {
      if (isEmpty(filter)) {
        throw new CommandError('say which tokens: an id, --principal, --access-key or --domain', exitCodes.usage)
      }
      const revoked = await withRegistry(flags, ({ registry }) =>
        revokeTokens(registry.metadata, filter, registry.clock()),
      )
      show(revoked, form)
      parts.writeError(`${revoked.length} revoked\n`)
      return revoked.length > 0 ? exitCodes.success : exitCodes.failure
    },
    async createAccount(flags, { id, name }) {
      checkAccountId(id)
      const draft = { id, name, userName: 'admin' }
      const key = await withRegistry(flags, ({ identity }) => identity.createAccountWithAdministrator(draft))
      if (!key) throw new CommandError(`account ${id} exists`)
      parts.writeOut(renderKey(`account-${id}`, key))
      return exitCodes.success
    },
    async createRootKey(flags, id) {
      checkAccountId(id)
      const key = await withRegistry(flags, async ({ identity, registry }) => {
        const rows = registry.metadata.db.selectFrom('accounts').select('id').where('id', '=', id)
        if (!(await rows.executeTakeFirst())) throw new CommandError(`there is no account ${id}`)
        return identity.createRootAccessKey(id)
      })
      parts.writeOut(renderKey(`root-${id}`, key))
      return exitCodes.success
    },
    async explain(flags, question, form) {
      const answer = await withRegistry(flags, ({ registry, identity, keyring }) => {
        const { metadata, arns, clock, authorizer } = registry
        const iam = { metadata, arns, clock, keyring, randomBytes }
        return explain({ iam, identity, authorizer }, question).catch(translate)
      })
      parts.writeOut(form === 'json' ? `${JSON.stringify(answer, undefined, 2)}\n` : `${answer.text}\n`)
      return answer.outcome === 'allow' ? exitCodes.success : exitCodes.failure
    },
  }
}

function translate(error: unknown): never {
  throw error instanceof IamError ? new CommandError(error.message, exitCodes.failure, error) : error
}

function isEmpty(filter: GivenTokenFilter): boolean {
  return Object.values(filter).every((value) => value === undefined)
}

function checkAccountId(id: string): void {
  if (/^\d{12}$/.test(id)) return
  throw new CommandError(`account id '${id}' must have 12 digits`, exitCodes.usage)
}

/** To be appended to an AWS shared-credentials file. */
function renderKey(profile: string, { accessKeyId, secretAccessKey }: NewAccessKey): string {
  return `[${profile}]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`
}

function renderTokens(tokens: readonly ListedToken[], form: OutputForm): string {
  if (form === 'json') return `${JSON.stringify({ tokens }, undefined, 2)}\n`
  const header = ['ID', 'DOMAIN', 'PRINCIPAL', 'ACCESS KEY', 'ISSUED', 'EXPIRES', 'STATE']
  const time = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`
  const rows = tokens.map((token) => [
    token.tokenId,
    token.domain,
    token.principalArn,
    token.accessKeyId,
    time(token.issuedAt),
    time(token.expiresAt),
    token.isRevoked ? 'revoked' : 'alive',
  ])
  return renderTable(header, rows)
}
