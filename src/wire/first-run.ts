import { KeyringError } from '../access/keyring.ts'
import { type NewAccessKey, principalOf } from '../access/identity.ts'
import { ADMINISTRATOR_POLICY_ARN } from '../access/managed-policies.ts'
import type { Caller } from '../access/principal.ts'
import type { Config } from '../config.ts'
import { createDomain } from '../registry/domains.ts'
import { RegistryError } from '../registry/errors.ts'
import { associateConnection } from '../registry/external-connections.ts'
import { type AccountId, parseDomainName, parseRepositoryName } from '../registry/names.ts'
import { createRepository, describeRepository } from '../registry/repositories.ts'
import { readAccessKeyId, setAside, writeCredentials } from './credentials.ts'
import { credentialsFile, FIRST_DOMAIN, FIRST_REPOSITORY } from './first-names.ts'
import type { OpenedRegistry } from './registry.ts'

const FIRST_USER = 'admin'

/** Named as the service's own wizard names them, in the order in which `main` asks them. */
const stores: readonly (readonly [repository: string, connection: string])[] = [
  ['npm-store', 'public:npmjs'],
  ['pypi-store', 'public:pypi'],
  ['maven-central-store', 'public:maven-central'],
  ['nuget-store', 'public:nuget-org'],
  ['rubygems-store', 'public:ruby-gems-org'],
  ['crates-store', 'public:crates-io'],
]

/**
 * The account's name says how far it has come: a start that was cut off is taken up again by the next one, and what a
 * user deletes later stays deleted.
 */
const NAME_UNFINISHED = 'packyard, being set up'
const NAME_FINISHED = 'packyard'

/**
 * Makes the first account with its administrator, domain and repositories, unless there is one, and this folder's
 * credentials, unless they are there. May run in several processes at once. Throws `KeyringError` when the folder's
 * master key is not the one that the database was made with.
 */
export async function prepareFirstRun(config: Config, opened: OpenedRegistry): Promise<void> {
  await opened.registry.locks.exclusively('first-run', async () => {
    await checkMasterKey(opened)
    const newKey = await makeFirstAccount(config, opened)
    if (newKey) await setAside(credentialsFile(config), opened.registry.randomId())
    const account = await findFirstAccount(opened)
    if (!account) return
    const key = newKey ?? (await missingKey(config, opened, account.userId))
    if (account.name === NAME_UNFINISHED) await makeRepositories(opened, await callerOf(opened, account.userId))
    if (key) await writeCredentials(credentialsFile(config), key, opened.registry.randomId())
    if (account.name === NAME_UNFINISHED) await renameAccount(opened, account.id)
  })
}

async function makeFirstAccount(
  config: Config,
  { registry, identity }: OpenedRegistry,
): Promise<NewAccessKey | undefined> {
  const any = await registry.metadata.db.selectFrom('accounts').select('id').limit(1).executeTakeFirst()
  if (any) return undefined
  return identity.createAccountWithAdministrator({ id: config.accountId, name: NAME_UNFINISHED, userName: FIRST_USER })
}

/** The account that a first run made, by its administrator. Undefined when the operator has removed it since. */
async function findFirstAccount({ registry }: OpenedRegistry) {
  const row = await registry.metadata.db
    .selectFrom('accounts')
    .innerJoin('users', 'users.account_id', 'accounts.id')
    .innerJoin('policy_attachments', 'policy_attachments.entity_id', 'users.user_id')
    .select(['accounts.id', 'accounts.name', 'users.user_id'])
    .where('users.name', '=', FIRST_USER)
    .where('policy_arn', '=', ADMINISTRATOR_POLICY_ARN)
    .orderBy('accounts.created_at')
    .executeTakeFirst()
  return row && { id: row.id, name: row.name, userId: row.user_id }
}

/**
 * A folder without credentials gets an access key of its own: the first start was cut off, the file was lost, or the
 * database serves several machines. Whoever starts a server here holds the master key, and so every secret anyway.
 */
async function missingKey(config: Config, { identity }: OpenedRegistry, userId: string) {
  if ((await readAccessKeyId(credentialsFile(config))) !== undefined) return undefined
  await setAside(credentialsFile(config), 'unreadable')
  return identity.createAccessKey(userId)
}

/** Any secret of the database will do: they are all sealed with the same key. */
async function checkMasterKey({ registry, identity }: OpenedRegistry): Promise<void> {
  const keys = registry.metadata.db.selectFrom('access_keys').select('access_key_id').where('status', '=', 'Active')
  const row = await keys.limit(1).executeTakeFirst()
  if (!row) return
  try {
    await identity.findAccessKey(row.access_key_id)
  } catch (cause) {
    if (!(cause instanceof KeyringError)) throw cause
    const advice = 'copy the folder "keys" of the machine that made the database into the data folder'
    throw new KeyringError(`the master key is not the one that this database was made with: ${advice}`, cause)
  }
}

async function callerOf({ registry, identity }: OpenedRegistry, userId: string): Promise<Caller> {
  const user = await identity.findUser(userId)
  if (!user) throw new Error(`user ${userId} has gone away during the first run`)
  const { randomId } = registry
  const principal = principalOf(user, '')
  return { principal, requestId: randomId(), remoteAddress: 'internal', userAgent: 'first run', isSecure: true }
}

async function makeRepositories({ registry }: OpenedRegistry, caller: Caller): Promise<void> {
  const owner = caller.principal.accountId as AccountId
  const domain = parseDomainName(FIRST_DOMAIN)
  const addressOf = (repository: string) => {
    return { owner, domain, repository: parseRepositoryName(repository) }
  }
  await unlessThere(() => createDomain(registry, caller, { domain, tags: [] }))
  for (const [repository, connection] of stores) {
    const address = addressOf(repository)
    const description = `Packages from ${connection}`
    await unlessThere(() => createRepository(registry, caller, { address, description, upstreams: [], tags: [] }))
    const { connections } = await describeRepository(registry, address)
    if (connections.length === 0)
      await unlessThere(() => associateConnection(registry, caller, { address, connection }))
  }
  const upstreams = stores.map(([repository]) => parseRepositoryName(repository))
  const description = 'Your own packages, and those of every store'
  const address = addressOf(FIRST_REPOSITORY)
  await unlessThere(() => createRepository(registry, caller, { address, description, upstreams, tags: [] }))
}

/** Another process, or an earlier start, may have made it. A second connection of a format is `invalid`. */
async function unlessThere(create: () => Promise<unknown>): Promise<void> {
  try {
    await create()
  } catch (error) {
    if (!(error instanceof RegistryError) || !['conflict', 'invalid'].includes(error.kind)) throw error
  }
}

async function renameAccount({ registry }: OpenedRegistry, id: string): Promise<void> {
  await registry.metadata.write(async ({ tx }) => {
    await tx.updateTable('accounts').set({ name: NAME_FINISHED }).where('id', '=', id).execute()
  })
}
