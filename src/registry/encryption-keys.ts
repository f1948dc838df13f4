import type { Selectable } from 'kysely'
import type { EncryptionKeyTable } from '../storage/metadata/key-tables.ts'
import { type KeyIdentifier, showKeyIdentifier } from './encryption-key.ts'
import { RegistryError } from './errors.ts'
import type { Database } from './lookup.ts'
import { type Page, type PageRequest, toPage } from './pages.ts'
import type { RegistryParts } from './parts.ts'

/** Source: KMS API Reference, `KeyState`; the states that a symmetric key made here can have. */
export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion'

/** A key that domains can be encrypted under. Times: ms since 1970. */
export interface EncryptionKey {
  readonly id: string
  readonly account: string
  readonly manager: 'CUSTOMER' | 'AWS'
  readonly description: string
  readonly state: KeyState
  readonly policy: string
  /** Undefined unless its deletion is pending. */
  readonly deletionAt: number | undefined
  /** Undefined: its material is never changed. */
  readonly rotationDays: number | undefined
  readonly createdAt: number
}

/** The key that is meant; undefined when there is none, or no longer. */
export async function findKey(
  { clock }: Pick<RegistryParts, 'clock'>,
  db: Database,
  asked: KeyIdentifier,
): Promise<EncryptionKey | undefined> {
  const id = asked.kind === 'key' ? asked.id : await resolveAlias(db, asked.account, asked.alias)
  if (id === undefined) return undefined
  const keys = db.selectFrom('encryption_keys').selectAll().where('id', '=', id)
  const row = await keys.where('account_id', '=', asked.account).executeTakeFirst()
  return row && !isGone(row, clock()) ? toKey(row) : undefined
}

/** Throws `missing`. */
export async function requireKey(
  parts: Pick<RegistryParts, 'clock'>,
  db: Database,
  asked: KeyIdentifier,
): Promise<EncryptionKey> {
  const found = await findKey(parts, db, asked)
  if (found) return found
  const what = asked.kind === 'key' ? 'Key' : 'Alias'
  throw new RegistryError('missing', `${what} '${showKeyIdentifier(asked)}' does not exist`)
}

/** An account's keys, by id. */
export async function listKeys(parts: RegistryParts, account: string, page: PageRequest): Promise<Page<EncryptionKey>> {
  const now = parts.clock()
  const rows = await parts.metadata.db
    .selectFrom('encryption_keys')
    .selectAll()
    .where('account_id', '=', account)
    .where((eb) => eb.or([eb('deletion_at', 'is', null), eb('deletion_at', '>', now)]))
    .$if(page.after !== undefined, (query) => query.where('id', '>', String(page.after![0])))
    .orderBy('id')
    .limit(page.size + 1)
    .execute()
  return toPage(rows, page.size, { keyOf: (row) => [row.id], itemOf: toKey })
}

export interface KeyAlias {
  readonly account: string
  readonly name: string
  readonly keyId: string
  readonly createdAt: number
  readonly updatedAt: number
}

/** An account's aliases by name, or those of one of its keys. */
export async function listKeyAliases(
  { metadata }: RegistryParts,
  { account, keyId }: { readonly account: string; readonly keyId?: string | undefined },
  page: PageRequest,
): Promise<Page<KeyAlias>> {
  const rows = await metadata.db
    .selectFrom('encryption_key_aliases')
    .selectAll()
    .where('account_id', '=', account)
    .$if(keyId !== undefined, (query) => query.where('key_id', '=', keyId!))
    .$if(page.after !== undefined, (query) => query.where('name', '>', String(page.after![0])))
    .orderBy('name')
    .limit(page.size + 1)
    .execute()
  return toPage(rows, page.size, {
    keyOf: (row) => [row.name],
    itemOf: (row) => ({
      account: row.account_id,
      name: row.name,
      keyId: row.key_id,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    }),
  })
}

async function resolveAlias(db: Database, account: string, name: string): Promise<string | undefined> {
  const aliases = db.selectFrom('encryption_key_aliases').select('key_id').where('account_id', '=', account)
  return (await aliases.where('name', '=', name).executeTakeFirst())?.key_id
}

/** A key whose time has come counts as gone, whether or not its row has been swept up. */
function isGone({ deletion_at }: Selectable<EncryptionKeyTable>, now: number): boolean {
  return deletion_at !== null && deletion_at <= now
}

function toKey(row: Selectable<EncryptionKeyTable>): EncryptionKey {
  return {
    id: row.id,
    account: row.account_id,
    manager: row.manager as EncryptionKey['manager'],
    description: row.description,
    state: row.state as KeyState,
    policy: row.policy,
    deletionAt: row.deletion_at ?? undefined,
    rotationDays: row.rotation_days ?? undefined,
    createdAt: row.created_at,
  }
}
