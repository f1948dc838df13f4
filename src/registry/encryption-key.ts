import { createHash } from 'node:crypto'
import type { ArnContext } from '../access/arns.ts'
import { RegistryError } from './errors.ts'
import type { AccountId } from './names.ts'

/** The key that AWS makes for an account that names none. */
const DEFAULT_ALIAS = 'alias/aws/codeartifact'

const keyId = /^(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/
const alias = /^alias\/[A-Za-z0-9/_-]{1,250}$/

/**
 * The ARN of the key that a domain is made with, from any of the four spellings: key id, key ARN, alias, alias ARN.
 * Throws `invalid` with ENCRYPTION_KEY_ERROR. Source: KMS Developer Guide, "Key identifiers".
 */
export function encryptionKeyArn(context: ArnContext, account: AccountId, given = DEFAULT_ALIAS): string {
  const { keyAccount, resource } = parse(context, account, given)
  const id = resource.startsWith('key/') ? resource.slice('key/'.length) : resource
  if (keyId.test(id)) return arn(context, keyAccount, id)
  if (alias.test(resource)) return arn(context, keyAccount, standIn(context, keyAccount, resource))
  throw unusable(given, 'must be a key id, a key ARN, an alias ("alias/…") or an alias ARN')
}

function parse(context: ArnContext, account: string, given: string): { keyAccount: string; resource: string } {
  if (!given.startsWith('arn:')) return { keyAccount: account, resource: given.startsWith('key/') ? '' : given }
  const [, partition, service, region, keyAccount = '', resource = '', ...rest] = given.split(':')
  const isKey = service === 'kms' && /^[0-9]{12}$/.test(keyAccount) && rest.length === 0 && resource.includes('/')
  if (!isKey || partition !== context.partition) throw unusable(given, 'must be the ARN of a KMS key or alias')
  if (region !== context.region) throw unusable(given, `must be in the domain's region, ${context.region}`)
  return { keyAccount, resource }
}

/** No key service resolves aliases yet: the same alias always stands for the same key. */
function standIn(context: ArnContext, account: string, resource: string): string {
  const hex = createHash('sha256').update(`${context.region}/${account}/${resource}`).digest('hex')
  // Version 8 is RFC 9562's for ids made by a rule of one's own.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

function arn(context: ArnContext, account: string, id: string): string {
  return `arn:${context.partition}:kms:${context.region}:${account}:key/${id}`
}

function unusable(given: string, rule: string): RegistryError {
  return new RegistryError('invalid', `encryptionKey '${given}' ${rule}`, { reason: 'ENCRYPTION_KEY_ERROR' })
}
