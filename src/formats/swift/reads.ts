import { createHash } from 'node:crypto'
import { HttpError, type Reply } from '../../http/call.ts'
import { RegistryError } from '../../registry/errors.ts'
import type { PackageName } from '../../registry/names.ts'
import type { OpenedAsset, RepositorySession } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import { replyAsset, replyIndex } from '../replies.ts'
import { renderRelease, renderReleases, renderSignature } from './documents.ts'
import {
  alternatesOf,
  type Manifest,
  MANIFEST_FILE,
  manifestFor,
  parseToolsVersion,
  showToolsVersion,
} from './manifest.ts'
import { ARCHIVE_ASSET, packageOrMissing, releaseAddress, versionOrMissing } from './names.ts'
import { checkVersion, CONTENT_VERSION } from './replies.ts'
import { openSourceArchive } from './source-archive.ts'

/** `GET {scope}/{name}`, also with `.json` */
export async function readReleases(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  checkVersion(call)
  const { scope = '', name = '' } = call.params
  const { endpoint } = call
  const index = await session.index(
    packageOrMissing(scope, name.replace(/\.json$/i, '')),
    `releases ${endpoint}`,
    (view) => renderReleases(view, endpoint),
  )
  return replyIndex(call, index)
}

/** `GET {scope}/{name}/{version}`, also with `.json`; with `.zip` it is the archive. */
export async function readRelease(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  checkVersion(call)
  const { params, endpoint } = call
  const name = nameOf(call)
  const last = params['version'] ?? ''
  if (/\.zip$/i.test(last)) return readArchive(call, session, name, versionOrMissing(last.slice(0, -'.zip'.length)))
  const version = versionOrMissing(last.replace(/\.json$/i, ''))
  const render = (view: Parameters<typeof renderRelease>[0]) => renderRelease(view, endpoint, version)
  return replyIndex(call, await session.index(name, `release ${version} ${endpoint}`, render))
}

/** Source: Swift Package Registry Service Specification, 4.4. */
async function readArchive(
  call: PackageCall,
  session: RepositorySession,
  name: PackageName,
  version: string,
): Promise<Reply> {
  const signature = await session.index(name, `signature ${version}`, (view) => renderSignature(view, version))
  const asset = await session.openAsset(name, version, ARCHIVE_ASSET)
  const { sha256 } = asset.asset
  return replyAsset(call, asset, {
    'Content-Type': 'application/zip',
    'Content-Disposition': `attachment; filename="${call.params['name']}-${version}.zip"`,
    ...(sha256 !== undefined && { Digest: `sha-256=${Buffer.from(sha256, 'hex').toString('base64')}` }),
    ...CONTENT_VERSION,
    ...signature.headers,
  })
}

/** `GET {scope}/{name}/{version}/Package.swift?swift-version=`. Source: Swift Package Registry Service Specification, 4.3. */
export async function readManifest(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  checkVersion(call)
  const name = nameOf(call)
  const version = versionOrMissing(call.params['version'] ?? '')
  const opened = await openStored(session, name, version)
  const manifests = await manifestsOf(opened)
  const address = releaseAddress(call.endpoint, `${call.params['scope']}.${call.params['name']}`, version)
  const wanted = readToolsVersion(call)
  if (wanted === undefined) return replyManifest(call, opened, manifests[0], { ...linksTo(address, manifests) })
  const found = manifestFor(manifests, wanted)
  if (found) return replyManifest(call, opened, found, {})
  return { status: 303, headers: { Location: `${address}/${MANIFEST_FILE}`, ...CONTENT_VERSION } }
}

function readToolsVersion(call: PackageCall) {
  const text = new URLSearchParams(call.query).get('swift-version')
  if (text === null || text === '') return undefined
  const wanted = parseToolsVersion(text)
  if (wanted) return wanted
  throw new HttpError(400, `swift-version '${text.slice(0, 50)}' must be one to three numbers, as 5.9`)
}

/** Whole, as a part of it is read: what comes from outside is fetched first. */
async function openStored(session: RepositorySession, name: PackageName, version: string): Promise<OpenedAsset> {
  const opened = await session.openAsset(name, version, ARCHIVE_ASSET)
  if (opened.etag !== undefined) return opened
  // Waits for the end of the fetch.
  const part = await opened.read({ start: 0, end: 0 })
  if (!Buffer.isBuffer(part)) part.destroy()
  return session.openAsset(name, version, ARCHIVE_ASSET)
}

async function manifestsOf(opened: OpenedAsset): Promise<readonly Manifest[]> {
  const { sizeBytes } = opened
  if (sizeBytes === undefined) throw new Error('a stored asset has a size')
  const open = (start: number, end: number) => opened.read({ start, end: Math.min(end, sizeBytes) - 1 })
  try {
    return await (await openSourceArchive({ sizeBytes, open }, 'lenient')).manifests()
  } catch (cause) {
    if (!(cause instanceof RegistryError) || cause.kind !== 'invalid') throw cause
    const message = `the release's manifest cannot be read: ${cause.message}`
    throw new RegistryError('missing', message, { cause, resourceType: 'asset' })
  }
}

/** Clients take an alternate only with exactly these four fields. */
function linksTo(address: string, manifests: readonly Manifest[]): Record<string, string> {
  const links = alternatesOf(manifests).map(({ toolsVersion }) => {
    const version = showToolsVersion(toolsVersion)
    const url = `${address}/${MANIFEST_FILE}?swift-version=${version}`
    const file = `Package@swift-${version}.swift`
    return `<${url}>; rel="alternate"; filename="${file}"; swift-tools-version="${version}"`
  })
  return links.length === 0 ? {} : { Link: links.join(', ') }
}

function replyManifest(
  call: PackageCall,
  { publishedAt }: OpenedAsset,
  manifest: Manifest | undefined,
  more: Readonly<Record<string, string>>,
): Promise<Reply> | Reply {
  if (!manifest) throw new Error('the first manifest is always there')
  const { file, bytes } = manifest
  const opened: OpenedAsset = {
    asset: { name: file },
    sizeBytes: bytes.length,
    etag: `"${createHash('sha256').update(bytes).digest('hex')}"`,
    publishedAt,
    read: async (range) => (range ? bytes.subarray(range.start, range.end + 1) : bytes),
  }
  return replyAsset(call, opened, {
    'Content-Type': 'text/x-swift',
    'Content-Disposition': `attachment; filename="${file}"`,
    'Cache-Control': 'private, no-cache',
    ...CONTENT_VERSION,
    ...more,
  })
}

function nameOf(call: PackageCall): PackageName {
  return packageOrMissing(call.params['scope'] ?? '', call.params['name'] ?? '')
}
