import { createHash } from 'node:crypto'
import type { ArnContext } from '../access/arns.ts'
import { RegistryError } from './errors.ts'

/** The alias of the key that an account gets when it names none. */
export const MANAGED_ALIAS = 'alias/aws/codeartifact'

const keyId = /^(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/
const alias = /^alias\/[A-Za-z0-9/_-]{1,250}$/

/** A key as somebody names it; not looked up yet. */
export type KeyIdentifier =
  | { readonly kind: 'key'; readonly account: string; readonly id: string }
  | { readonly kind: 'alias'; readonly account: string; readonly alias: string }

/**
 * Any of the four spellings: key id, key ARN, alias, alias ARN. `account`: whose key is meant where the spelling does not
 * say. Throws `invalid` with ENCRYPTION_KEY_ERROR. Source: KMS Developer Guide, "Key identifiers".
 */
export function parseKeyIdentifier(context: ArnContext, account: string, given = MANAGED_ALIAS): KeyIdentifier {
  const { keyAccount, resource } = parse(context, account, given)
  const id = resource.startsWith('key/') ? resource.slice('key/'.length) : resource
  if (keyId.test(id)) return { kind: 'key', account: keyAccount, id }
  if (alias.test(resource)) return { kind: 'alias', account: keyAccount, alias: resource }
  throw unusableKey(given, 'must be a key id, a key ARN, an alias ("alias/…") or an alias ARN')
}

function parse(context: ArnContext, account: string, given: string): { keyAccount: string; resource: string } {
  if (!given.startsWith('arn:')) return { keyAccount: account, resource: given.startsWith('key/') ? '' : given }
  const [, partition, service, region, keyAccount = '', resource = '', ...rest] = given.split(':')
  const isKey = service === 'kms' && /^[0-9]{12}$/.test(keyAccount) && rest.length === 0 && resource.includes('/')
  if (!isKey || partition !== context.partition) throw unusableKey(given, 'must be the ARN of a KMS key or alias')
  if (region !== context.region) throw unusableKey(given, `must be in the domain's region, ${context.region}`)
  return { keyAccount, resource }
}

/** As it was given, in words that can be sent back. */
export function showKeyIdentifier(asked: KeyIdentifier): string {
  return asked.kind === 'key' ? asked.id : asked.alias
}

/**
 * The id that an alias stands for without a key of its own: that of an account's managed key, and of aliases in accounts
 * that are not kept here. The same alias always stands for the same key.
 */
export function standInKeyId(context: ArnContext, account: string, name: string): string {
  const hex = createHash('sha256').update(`${context.region}/${account}/${name}`).digest('hex')
  // Version 8 is RFC 9562's for ids made by a rule of one's own.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

export function keyArn(context: ArnContext, account: string, id: string): string {
  return `arn:${context.partition}:kms:${context.region}:${account}:key/${id}`
}

export function keyAliasArn(context: ArnContext, account: string, name: string): string {
  return `arn:${context.partition}:kms:${context.region}:${account}:${name}`
}

export function unusableKey(given: string, rule: string): RegistryError {
  return new RegistryError('invalid', `encryptionKey '${given}' ${rule}`, { reason: 'ENCRYPTION_KEY_ERROR' })
}
