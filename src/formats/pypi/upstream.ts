import { createHash } from 'node:crypto'
import { RegistryError } from '../../registry/errors.ts'
import type { PackageName } from '../../registry/names.ts'
import {
  isUpstreamFailure,
  type UpstreamAsset,
  type UpstreamIndex,
  type UpstreamPackage,
  type UpstreamReader,
  type UpstreamResponse,
  type UpstreamSource,
  type UpstreamVersion,
  type Validators,
} from '../../registry/upstream.ts'
import { earliestTime, isMissing, refusal, requestAsset, requestIndex, UpstreamRefusal } from '../upstream-answers.ts'
import { isWheelName, parseFilename } from './filenames.ts'
import { isSafeVersion } from './names.ts'
import type { Release, ReleaseFile } from './release.ts'
import { parseSimplePage, type SimpleFile, type SimplePage } from './simple-page.ts'
import { canonicalVersion } from './versions.ts'
import { METADATA_BYTES_MAX } from './wheel.ts'

/** Largest page that is read. Unit: bytes. Ours; the largest public ones have some 30 MB. */
const PAGE_BYTES_MAX = 256 * 1024 * 1024

/** Source: what pip sends; HTML for who has nothing better. */
const PAGE_ACCEPT = 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01'

export const pypiUpstream: UpstreamReader = {
  readIndex,
  parsePackage,
  openAsset: (source, { url }) => requestAsset(source, url),
}

async function readIndex(
  source: UpstreamSource,
  name: PackageName,
  seen: Validators | undefined,
): Promise<UpstreamIndex> {
  const request = { path: `simple/${name.name}/`, headers: { accept: PAGE_ACCEPT }, what: name.name, seen }
  return requestIndex(source, request, (response) => readPage(source, name, response))
}

/** What is kept is the same for JSON and HTML, with every address absolute. */
async function readPage(source: UpstreamSource, name: PackageName, response: UpstreamResponse): Promise<Buffer> {
  const bytes = await response.bytes(PAGE_BYTES_MAX)
  try {
    return Buffer.from(JSON.stringify(parseSimplePage(bytes, response.header('content-type') ?? '', response.url)))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new UpstreamRefusal(`${source.name} gave no index for ${name.name}: ${reason}`, { cause })
  }
}

/** What `readPage` made. The files of a page are those of its versions, by what their names say. */
function parsePackage(document: Buffer, name: PackageName): UpstreamPackage {
  const page = JSON.parse(document.toString('utf8')) as SimplePage
  const spelled = new Map(page.versions.map((version) => [canonicalVersion(version) ?? version, version]))
  const byVersion = new Map<string, Map<string, SimpleFile>>()
  for (const file of page.files) {
    const read = parseFilename(file.filename, name.name, page.versions)
    if (!read) continue
    const canonical = canonicalVersion(read.version) ?? read.version
    const version = spelled.get(canonical) ?? canonical
    if (!isSafeVersion(version)) continue
    const files = byVersion.get(version) ?? new Map<string, SimpleFile>()
    byVersion.set(version, files)
    if (!files.has(file.filename)) files.set(file.filename, file)
  }
  const versions = new Map<string, UpstreamVersion>()
  for (const [version, files] of byVersion) versions.set(version, readVersion(name, version, [...files.values()]))
  return { versions, tags: new Map(), document: { status: page.status } }
}

function readVersion(name: PackageName, version: string, files: readonly SimpleFile[]): UpstreamVersion {
  const document: Release = {
    name: name.name,
    version,
    source: 'index',
    fields: {},
    files: Object.fromEntries(files.map((file) => [file.filename, saidOf(file)])),
  }
  return {
    version,
    publishedAt: earliestTime(files.map(({ uploadTime }) => uploadTime)),
    document,
    assets: files.map(({ filename, url, digests, sizeBytes }) => ({
      name: filename,
      url,
      digests,
      ...(sizeBytes !== undefined && { sizeBytes }),
    })),
  }
}

function saidOf({ filename, url: _url, digests: _digests, sizeBytes: _size, ...said }: SimpleFile): ReleaseFile {
  if (isWheelName(filename)) return said
  const { coreMetadata: _, ...rest } = said
  return rest
}

/** The metadata that an upstream keeps beside a wheel; undefined where it has none, or other bytes than it says. */
export async function fetchMetadata(
  source: UpstreamSource,
  asset: UpstreamAsset,
  expected: ReleaseFile['coreMetadata'],
): Promise<Buffer> {
  const url = new URL(asset.url)
  url.pathname += '.metadata'
  const bytes = await fetchSmall(source, url, METADATA_BYTES_MAX)
  if (bytes === undefined) throw new RegistryError('missing', `${source.name} has no ${url.href}`)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (expected === undefined || expected === true || expected.sha256 === sha256) return bytes
  const reason = `its sha256 is ${sha256}, and its index says ${expected.sha256}`
  throw new RegistryError('unavailable', `cannot fetch ${url.href} from ${source.name}: ${reason}`)
}

/** Undefined when there is no such thing. Throws `unavailable`. */
export async function fetchSmall(source: UpstreamSource, url: URL, limitBytes: number): Promise<Buffer | undefined> {
  try {
    const response = await source.request({ url, headers: { accept: '*/*' } })
    if (response.status === 200) return await response.bytes(limitBytes)
    response.body.destroy()
    if (isMissing(response)) return undefined
    throw refusal(source, url.href, response.status)
  } catch (cause) {
    if (cause instanceof RegistryError || !isUpstreamFailure(cause)) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new RegistryError('unavailable', `cannot fetch ${url.href} from ${source.name}: ${reason}`, { cause })
  }
}
