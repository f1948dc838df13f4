import type { Reply } from '../../http/call.ts'
import { invalid } from '../../registry/errors.ts'
import { publishAsset } from '../../registry/publish-asset.ts'
import type { RepositorySession } from '../../registry/session.ts'
import type { PackageCall, Route } from '../format.ts'
import { replyAsset, replyIndex } from '../replies.ts'
import { claimOf, checkedContent } from './content-claim.ts'
import { renderAssets, renderPublished, renderVersions } from './documents.ts'
import { genericContent } from './inspect.ts'
import { genericNames, packageOf, parseAsset } from './names.ts'

/** Ours: the service has operations only. Made so that curl is enough. */
export const genericRoutes: readonly Route[] = [
  { method: 'GET', path: '/:namespace/:package/', handle: listVersions },
  { method: 'GET', path: '/:namespace/:package/:version/', handle: listAssets },
  { method: 'GET', path: '/:namespace/:package/:version/:asset', handle: readAsset },
  { method: 'PUT', path: '/:namespace/:package/:version/:asset', handle: putAsset },
]

async function listVersions(call: PackageCall, session: RepositorySession): Promise<Reply> {
  return replyIndex(call, await session.index(nameOf(call), 'versions', renderVersions))
}

async function listAssets(call: PackageCall, session: RepositorySession): Promise<Reply> {
  const version = versionOf(call)
  return replyIndex(call, await session.index(nameOf(call), `assets ${version}`, (view) => renderAssets(view, version)))
}

async function readAsset(call: PackageCall, session: RepositorySession): Promise<Reply> {
  const asset = await session.openAsset(nameOf(call), versionOf(call), parseAsset(call.params.asset ?? ''))
  return replyAsset(call, asset, digestOf(asset.etag))
}

/** Source: RFC 9530, "Repr-Digest": the whole asset's, also beside a part of it. */
function digestOf(etag: string | undefined): Record<string, string> {
  if (etag === undefined) return {}
  return { 'Repr-Digest': `sha-256=:${Buffer.from(etag.slice(1, -1), 'hex').toString('base64')}:` }
}

/** Names, and who may, before the body is read. */
async function putAsset(call: PackageCall, session: RepositorySession): Promise<Reply> {
  const draft = { name: nameOf(call), version: versionOf(call), asset: parseAsset(call.params.asset ?? '') }
  const status = isUnfinished(call.query) ? 'Unfinished' : 'Published'
  const content = checkedContent(call.body, claimOf(call))
  const published = await publishAsset(session, genericContent, { ...draft, status, content })
  return {
    status: published.kind === 'unchanged' ? 200 : 201,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ETag: `"${published.asset.sha256}"` },
    body: renderPublished(published),
  }
}

function isUnfinished(query: string): boolean {
  const value = new URLSearchParams(query).get('unfinished')
  if (value === null || value === 'false') return false
  if (value === 'true' || value === '') return true
  throw invalid('unfinished', value, 'must be true or false')
}

function nameOf({ params }: PackageCall) {
  return packageOf(params.namespace ?? '', params.package ?? '')
}

function versionOf({ params }: PackageCall): string {
  return genericNames.parseVersion(params.version ?? '')
}
