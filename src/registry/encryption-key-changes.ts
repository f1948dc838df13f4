import type { Caller } from '../access/principal.ts'
import { recordAudit } from '../journal/audit.ts'
import type { Write } from '../storage/metadata/metadata.ts'
import { topologyScope } from '../storage/metadata/scopes.ts'
import { isUniqueViolation } from '../storage/metadata/unique-violation.ts'
import { journalClock } from './call-journal.ts'
import { keyArn } from './encryption-key.ts'
import type { EncryptionKey, KeyState } from './encryption-keys.ts'
import { RegistryError } from './errors.ts'
import type { RegistryParts } from './parts.ts'
import { checkTags, checkTotal, type ResourceTags, writeTags } from './resource-tags.ts'

export interface NewKey {
  readonly account: string
  readonly description: string
  readonly policy: string
  readonly tags: ResourceTags
}

/** Throws `invalid` or `quota`, both about tags. */
export async function createKey(
  parts: RegistryParts,
  caller: Caller,
  { account, description, policy, tags }: NewKey,
): Promise<EncryptionKey> {
  checkTags(tags, parts.limits)
  return parts.metadata.write(async (write) => {
    const key = { id: parts.randomId(), account, manager: 'CUSTOMER', description, policy } as const
    const made = await insertKey(write, parts, key)
    await writeTags(write, made.id, tags)
    await audit(write, parts, caller, { operation: 'CreateKey', key: made, details: { description, tags } })
    return made
  })
}

/** The row of a key that is Enabled; one that is there already stays as it is. */
export async function insertKey(
  write: Write,
  parts: RegistryParts,
  {
    id,
    account,
    manager,
    description,
    policy,
  }: Pick<EncryptionKey, 'id' | 'account' | 'manager' | 'description' | 'policy'>,
): Promise<EncryptionKey> {
  const createdAt = parts.clock()
  await write.tx
    .insertInto('encryption_keys')
    .values({
      id,
      account_id: account,
      manager,
      description,
      state: 'Enabled',
      policy,
      deletion_at: null,
      rotation_days: null,
      created_at: createdAt,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
  const state = 'Enabled'
  return { id, account, manager, description, policy, state, deletionAt: undefined, rotationDays: undefined, createdAt }
}

export interface KeyChange {
  readonly operation: string
  readonly key: EncryptionKey
  readonly set: {
    readonly state?: KeyState
    readonly deletion_at?: number | null
    readonly description?: string
    readonly policy?: string
    readonly rotation_days?: number | null
  }
}

/** A key that becomes unusable takes its domains along, and brings them back, in the same moment on every process. */
export async function changeKey(
  parts: RegistryParts,
  caller: Caller,
  { operation, key, set }: KeyChange,
): Promise<void> {
  await parts.metadata.write(async (write) => {
    await write.tx.updateTable('encryption_keys').set(set).where('id', '=', key.id).execute()
    if (set.state !== undefined) await markDomains(write, parts, key, set.state)
    await audit(write, parts, caller, { operation, key, details: {} })
  })
}

async function markDomains(write: Write, { arns }: RegistryParts, { account, id }: EncryptionKey, state: KeyState) {
  const domains = await write.tx
    .updateTable('domains')
    .set({ is_key_usable: state === 'Enabled' ? 1 : 0 })
    .where('encryption_key', '=', keyArn(arns, account, id))
    .returning('id')
    .execute()
  for (const domain of domains) write.touch(topologyScope(domain.id))
}

/** Throws `conflict` when the account has an alias of this name. */
export async function createKeyAlias(
  parts: RegistryParts,
  caller: Caller,
  { name, key }: { readonly name: string; readonly key: EncryptionKey },
): Promise<void> {
  const now = parts.clock()
  try {
    await parts.metadata.write(async (write) => {
      const alias = { account_id: key.account, name, key_id: key.id, created_at: now, updated_at: now }
      await write.tx.insertInto('encryption_key_aliases').values(alias).execute()
      await audit(write, parts, caller, { operation: 'CreateAlias', key, details: { aliasName: name } })
    })
  } catch (cause) {
    if (!isUniqueViolation(cause)) throw cause
    throw new RegistryError('conflict', `An alias with the name ${name} already exists`, { cause })
  }
}

/** Points an alias that is there at another key. */
export async function updateKeyAlias(
  parts: RegistryParts,
  caller: Caller,
  { name, key }: { readonly name: string; readonly key: EncryptionKey },
): Promise<void> {
  await parts.metadata.write(async (write) => {
    const change = { key_id: key.id, updated_at: parts.clock() }
    const alias = write.tx.updateTable('encryption_key_aliases').set(change).where('account_id', '=', key.account)
    await alias.where('name', '=', name).execute()
    await audit(write, parts, caller, { operation: 'UpdateAlias', key, details: { aliasName: name } })
  })
}

export async function deleteKeyAlias(
  parts: RegistryParts,
  caller: Caller,
  { name, key }: { readonly name: string; readonly key: EncryptionKey },
): Promise<void> {
  await parts.metadata.write(async (write) => {
    const alias = write.tx.deleteFrom('encryption_key_aliases').where('account_id', '=', key.account)
    await alias.where('name', '=', name).execute()
    await audit(write, parts, caller, { operation: 'DeleteAlias', key, details: { aliasName: name } })
  })
}

/** Throws `invalid` or `quota`. */
export async function tagKey(
  parts: RegistryParts,
  caller: Caller,
  { key, tags }: { readonly key: EncryptionKey; readonly tags: ResourceTags },
): Promise<void> {
  checkTags(tags, parts.limits)
  await parts.metadata.write(async (write) => {
    await writeTags(write, key.id, tags)
    await checkTotal(write, parts.limits, key.id)
    await audit(write, parts, caller, { operation: 'TagResource', key, details: { tags } })
  })
}

export async function untagKey(
  parts: RegistryParts,
  caller: Caller,
  { key, keys }: { readonly key: EncryptionKey; readonly keys: readonly string[] },
): Promise<void> {
  await parts.metadata.write(async (write) => {
    const tags = write.tx.deleteFrom('resource_tags').where('resource_id', '=', key.id)
    if (keys.length > 0) await tags.where('key', 'in', keys).execute()
    await audit(write, parts, caller, { operation: 'UntagResource', key, details: { tagKeys: keys } })
  })
}

interface KeyCall {
  readonly operation: string
  readonly key: EncryptionKey
  readonly details: Readonly<Record<string, unknown>>
}

async function audit(write: Write, parts: RegistryParts, caller: Caller, { operation, key, details }: KeyCall) {
  await recordAudit(write, journalClock(parts), caller, {
    eventSource: 'kms.amazonaws.com',
    eventName: operation,
    requestParameters: { keyId: keyArn(parts.arns, key.account, key.id), ...details },
    recipientAccountId: key.account,
  })
}
