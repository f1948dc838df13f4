import { identityScope } from '../../storage/metadata/scopes.ts'
import { isUniqueViolation } from '../../storage/metadata/unique-violation.ts'
import { newEntityId } from '../identifiers.ts'
import { IamError, invalidInput } from './iam-error.ts'
import type { IamParts } from './parts.ts'
import { putTags, type Tag } from './tags.ts'

/** An OpenID Connect provider whose tokens an account believes. Source: IAM API Reference, "CreateOpenIDConnectProvider". */
export interface Provider {
  readonly id: string
  readonly arn: string
  readonly accountId: string
  /** The issuer without its scheme, as condition keys begin. */
  readonly url: string
  /** Audiences that its tokens may have. */
  readonly clientIds: readonly string[]
  readonly thumbprints: readonly string[]
  /** ms since 1970. */
  readonly createdAt: number
}

export interface NewProvider {
  readonly account: string
  /** With its scheme. */
  readonly url: string
  readonly clientIds: readonly string[]
  readonly thumbprints: readonly string[]
  readonly tags: readonly Tag[]
}

/** Source: IAM User Guide, "IAM and AWS STS quotas". */
const CLIENT_IDS_MAX = 100

export function providerArn({ arns }: Pick<IamParts, 'arns'>, account: string, url: string): string {
  return `arn:${arns.partition}:iam::${account}:oidc-provider/${url}`
}

/** Throws `IamError`. */
export async function createProvider(parts: IamParts, draft: NewProvider): Promise<Provider> {
  const url = parseIssuer(draft.url)
  if (draft.clientIds.length > CLIENT_IDS_MAX) throw tooManyClients()
  const row = {
    provider_id: newEntityId('AOIP', parts.randomBytes),
    account_id: draft.account,
    url,
    client_ids: JSON.stringify(draft.clientIds),
    thumbprints: JSON.stringify(draft.thumbprints),
    created_at: parts.clock(),
  }
  try {
    await parts.metadata.write(async (write) => {
      await write.tx.insertInto('identity_providers').values(row).execute()
      await putTags(write, row.provider_id, draft.tags)
      write.touch(identityScope)
    })
  } catch (error) {
    if (isUniqueViolation(error)) throw new IamError('exists', `Provider with url ${draft.url} already exists.`)
    throw error
  }
  return requireProvider(parts, providerArn(parts, draft.account, url))
}

/** Plain http only to this machine, for tests and for issuers beside us. */
function parseIssuer(text: string): string {
  const url = URL.parse(text)
  const isLocal = url !== null && /^(127\.0\.0\.1|\[::1\]|localhost)$/.test(url.hostname)
  const isPlain = url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (url && isPlain && text.length <= 255 && (url.protocol === 'https:' || (url.protocol === 'http:' && isLocal))) {
    return `${url.host}${url.pathname}`.replace(/\/$/, '')
  }
  throw invalidInput('Url', text, 'must be an https address without query, of at most 255 characters')
}

/** Throws `IamError` 'missing'. */
export async function requireProvider(parts: IamParts, arn: string): Promise<Provider> {
  const [, account = '', url = ''] = /^arn:[\w-]+:iam::(\d{12}):oidc-provider\/(.+)$/.exec(arn) ?? []
  const rows = parts.metadata.db.selectFrom('identity_providers').selectAll().where('account_id', '=', account)
  const row = await rows.where('url', '=', url).executeTakeFirst()
  if (!row) throw new IamError('missing', `OpenIDConnect Provider not found for arn ${arn}`)
  return {
    id: row.provider_id,
    arn: providerArn(parts, account, url),
    accountId: account,
    url,
    clientIds: JSON.parse(row.client_ids) as string[],
    thumbprints: JSON.parse(row.thumbprints) as string[],
    createdAt: row.created_at,
  }
}

/** ARNs, in order. */
export async function listProviders(parts: IamParts, account: string): Promise<string[]> {
  const rows = parts.metadata.db.selectFrom('identity_providers').select('url').where('account_id', '=', account)
  return (await rows.orderBy('url').execute()).map(({ url }) => providerArn(parts, account, url))
}

export interface ProviderChange {
  readonly clientIds?: readonly string[]
  readonly thumbprints?: readonly string[]
}

/** Throws `IamError`. */
export async function updateProvider(
  parts: IamParts,
  arn: string,
  change: (provider: Provider) => ProviderChange,
): Promise<void> {
  const provider = await requireProvider(parts, arn)
  const { clientIds = provider.clientIds, thumbprints = provider.thumbprints } = change(provider)
  if (clientIds.length > CLIENT_IDS_MAX) throw tooManyClients()
  await parts.metadata.write(async (write) => {
    const set = { client_ids: JSON.stringify(clientIds), thumbprints: JSON.stringify(thumbprints) }
    await write.tx.updateTable('identity_providers').set(set).where('provider_id', '=', provider.id).execute()
    write.touch(identityScope)
  })
}

/** Throws `IamError` 'missing'. */
export async function deleteProvider(parts: IamParts, arn: string): Promise<void> {
  const { id } = await requireProvider(parts, arn)
  await parts.metadata.write(async (write) => {
    await write.tx.deleteFrom('resource_tags').where('resource_id', '=', id).execute()
    await write.tx.deleteFrom('identity_providers').where('provider_id', '=', id).execute()
    write.touch(identityScope)
  })
}

function tooManyClients(): IamError {
  return new IamError('limit', `Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: ${CLIENT_IDS_MAX}`)
}
