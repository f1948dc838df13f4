import type { PackageName } from '../../registry/names.ts'
import type {
  UpstreamAsset,
  UpstreamIndex,
  UpstreamPackage,
  UpstreamReader,
  UpstreamResponse,
  UpstreamSource,
  UpstreamVersion,
  Validators,
} from '../../registry/upstream.ts'
import { isObject, type JsonObject, listOf, objectOf, textOf } from '../json.ts'
import { isSemanticVersion } from '../semantic-version.ts'
import { addressBelow, isMissing, refusal, requestAsset, requestIndex } from '../upstream-answers.ts'
import { ARCHIVE_ASSET, swiftNames } from './names.ts'
import { type ReleaseDocument, type ReleaseSignature, readRelease } from './release.ts'

/** Largest list, and largest description of a release, that is read. Unit: bytes. Ours. */
const LIST_BYTES_MAX = 16 * 1024 * 1024
const RELEASE_BYTES_MAX = 2 * 1024 * 1024

/** Most releases of one package: each has to be asked for once. Ours. */
const RELEASES_MAX = 5000

/** Releases that are asked for at once. Ours; Swift's own client has four connections to a host. */
const RELEASES_AT_ONCE = 4

const headers = { accept: 'application/vnd.swift.registry.v1+json' }

/** Somebody else's registry. What is kept of a package: its releases by version, each as the registry describes it. */
export const swiftUpstream: UpstreamReader = {
  readIndex,
  parsePackage,
  openAsset: (source, asset: UpstreamAsset) => openArchive(source, asset),
}

/** The list tells versions only: each that is new is asked for, once, as no release ever changes. */
async function readIndex(
  source: UpstreamSource,
  name: PackageName,
  seen: Validators | undefined,
  kept?: Buffer,
): Promise<UpstreamIndex> {
  // A name of our own for what packages say of their sources.
  if (name.namespace === '') return { kind: 'missing' }
  const what = swiftNames.show(name)
  return requestIndex(source, { path: `${name.namespace}/${name.name}`, headers, what, seen }, async (response) => {
    const { releases } = objectOf(parseJson(await response.bytes(LIST_BYTES_MAX)))
    if (!isObject(releases)) throw refusal(source, what, 'something without releases')
    const versions = Object.keys(releases).filter((version) => isOffered(version, releases[version]))
    if (versions.length > RELEASES_MAX) throw refusal(source, what, `more than ${RELEASES_MAX} releases`)
    return Buffer.from(JSON.stringify({ releases: await describeAll(source, name, versions, keptReleases(kept)) }))
  })
}

function isOffered(version: string, release: unknown): boolean {
  return isSemanticVersion(version) && objectOf(release)['problem'] === undefined
}

function keptReleases(kept: Buffer | undefined): JsonObject {
  return kept ? objectOf(objectOf(parseJson(kept))['releases']) : {}
}

async function describeAll(
  source: UpstreamSource,
  name: PackageName,
  versions: readonly string[],
  known: JsonObject,
): Promise<JsonObject> {
  const described: Record<string, unknown> = {}
  for (let at = 0; at < versions.length; at += RELEASES_AT_ONCE) {
    const some = versions.slice(at, at + RELEASES_AT_ONCE)
    const answers = await Promise.all(
      some.map((version) => (Object.hasOwn(known, version) ? known[version] : describe(source, name, version))),
    )
    for (const [index, version] of some.entries()) if (isObject(answers[index])) described[version] = answers[index]
  }
  return described
}

/** Undefined where the registry does not have it after all. */
async function describe(source: UpstreamSource, { namespace, name }: PackageName, version: string): Promise<unknown> {
  const path = `${namespace}/${name}/${encodeURIComponent(version)}`
  const response = await source.request({ url: addressBelow(source, path), headers })
  if (response.status === 200) return parseJson(await response.bytes(RELEASE_BYTES_MAX))
  response.body.destroy()
  if (isMissing(response)) return undefined
  throw refusal(source, path, response.status)
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown
  } catch {
    return undefined
  }
}

/** Throws on another document; a release that makes no sense hides no other. */
function parsePackage(document: Buffer, name: PackageName): UpstreamPackage {
  const { releases } = objectOf(parseJson(document))
  if (!isObject(releases)) throw new Error('the kept document has no releases')
  const versions = new Map<string, UpstreamVersion>()
  for (const [version, release] of Object.entries(releases)) {
    const read = readDescription(name, version, objectOf(release))
    if (read) versions.set(version, read)
  }
  return { versions, tags: new Map(), document: undefined }
}

/** Undefined without a digest: nobody could check what comes. */
function readDescription(name: PackageName, version: string, release: JsonObject): UpstreamVersion | undefined {
  const archive = listOf(release['resources'])
    .map(objectOf)
    .find((resource) => resource['name'] === 'source-archive')
  const checksum = textOf(archive?.['checksum'])?.toLowerCase()
  if (!archive || checksum === undefined || !/^[0-9a-f]{64}$/.test(checksum) || !isSemanticVersion(version)) return
  const id = textOf(release['id'])
  const document: ReleaseDocument = {
    id: id?.toLowerCase() === swiftNames.show(name) ? id : undefined,
    metadata: objectOf(release['metadata']),
    signature: readSigning(archive['signing']),
    contents: undefined,
  }
  const asset = {
    name: ARCHIVE_ASSET,
    url: `${name.namespace}/${name.name}/${encodeURIComponent(version)}.zip`,
    digests: { sha256: checksum },
  }
  return { version, publishedAt: readTime(release['publishedAt']), document, assets: [asset] }
}

function readSigning(value: unknown): ReleaseSignature | undefined {
  const { signatureFormat, signatureBase64Encoded } = objectOf(value)
  const { signature } = readRelease({ signature: { format: signatureFormat, base64: signatureBase64Encoded } })
  // Both are told in headers.
  const isPlain = signature && /^[\w.-]{1,50}$/.test(signature.format) && /^[\w+/=]{1,65536}$/.test(signature.base64)
  return isPlain ? signature : undefined
}

function readTime(value: unknown): number | undefined {
  const time = Date.parse(textOf(value) ?? '')
  return Number.isNaN(time) || time < 0 ? undefined : time
}

async function openArchive(source: UpstreamSource, { url, name }: UpstreamAsset): Promise<UpstreamResponse> {
  return requestAsset(source, addressBelow(source, url), name)
}
