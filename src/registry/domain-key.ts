import type { Caller } from '../access/principal.ts'
import type { Write } from '../storage/metadata/metadata.ts'
import {
  type KeyIdentifier,
  keyArn,
  MANAGED_ALIAS,
  showKeyIdentifier,
  standInKeyId,
  unusableKey,
} from './encryption-key.ts'
import { insertKey } from './encryption-key-changes.ts'
import { defaultKeyPolicy } from './encryption-key-policy.ts'
import { type EncryptionKey, findKey } from './encryption-keys.ts'
import type { RegistryError } from './errors.ts'
import type { Database } from './lookup.ts'
import type { RegistryParts } from './parts.ts'

/** Source: KMS permissions that CreateDomain asks for; CodeArtifact User Guide, "Domain encryption". */
const neededActions = ['kms:DescribeKey', 'kms:CreateGrant']

/** Whoever puts a domain under a key of the account must be allowed to use that key. Throws `AccessDeniedError`. */
export async function authorizeKey(parts: RegistryParts, caller: Caller, asked: KeyIdentifier): Promise<void> {
  if (isManaged(asked) || asked.account !== caller.principal.accountId) return
  const key = await findKey(parts, parts.metadata.db, asked)
  if (!key) throw notThere(asked)
  const resource = keyArn(parts.arns, key.account, key.id)
  await parts.authorizer.prepare(resource)
  for (const action of neededActions) parts.authorizer.authorize(caller, action, resource)
}

/**
 * The ARN of the key of a new domain. A key of an account that is kept here has to exist and be Enabled; of other
 * accounts only the form can be known. Throws `invalid` with ENCRYPTION_KEY_ERROR.
 */
export async function chooseDomainKey(
  write: Write,
  parts: RegistryParts,
  owner: string,
  asked: KeyIdentifier,
): Promise<string> {
  const { arns } = parts
  if (isManaged(asked) && asked.account === owner)
    return keyArn(arns, owner, await ensureManagedKey(write, parts, owner))
  const key = await findKey(parts, write.tx, asked)
  if (key) return keyArn(arns, key.account, await lockUsable(write, key, asked))
  if (asked.account === owner || (await isKept(write.tx, asked.account))) throw notThere(asked)
  const id = asked.kind === 'key' ? asked.id : standInKeyId(arns, asked.account, asked.alias)
  return keyArn(arns, asked.account, id)
}

/** The key that an account gets without asking, from the first domain on that needs it. */
async function ensureManagedKey(write: Write, parts: RegistryParts, account: string): Promise<string> {
  const id = standInKeyId(parts.arns, account, MANAGED_ALIAS)
  const description = 'Default key that protects CodeArtifact domains when no other key is defined'
  await insertKey(write, parts, { id, account, manager: 'AWS', description, policy: defaultKeyPolicy(parts, account) })
  const now = parts.clock()
  await write.tx
    .insertInto('encryption_key_aliases')
    .values({ account_id: account, name: MANAGED_ALIAS, key_id: id, created_at: now, updated_at: now })
    .onConflict((conflict) => conflict.columns(['account_id', 'name']).doNothing())
    .execute()
  return id
}

/** Locked until the domain stands, so that a key disabled at the same moment finds it. */
async function lockUsable(write: Write, { id }: EncryptionKey, asked: KeyIdentifier): Promise<string> {
  const row = await write.tx
    .updateTable('encryption_keys')
    .set((eb) => ({ state: eb.ref('state') }))
    .where('id', '=', id)
    .returning('state')
    .executeTakeFirst()
  if (row?.state === 'Enabled') return id
  throw unusableKey(showKeyIdentifier(asked), `cannot be used: its state is ${row?.state ?? 'Deleted'}`)
}

function isManaged(asked: KeyIdentifier): boolean {
  return asked.kind === 'alias' && asked.alias === MANAGED_ALIAS
}

async function isKept(db: Database, account: string): Promise<boolean> {
  return (await db.selectFrom('accounts').select('id').where('id', '=', account).executeTakeFirst()) !== undefined
}

function notThere(asked: KeyIdentifier): RegistryError {
  return unusableKey(showKeyIdentifier(asked), `does not exist in account '${asked.account}'`)
}
