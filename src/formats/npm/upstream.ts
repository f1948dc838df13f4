import { refused } from '../../registry/errors.ts'
import type { PackageName } from '../../registry/names.ts'
import type {
  UpstreamAsset,
  UpstreamIndex,
  UpstreamPackage,
  UpstreamReader,
  UpstreamSource,
  UpstreamVersion,
  Validators,
} from '../../registry/upstream.ts'
import type { JsonObject } from '../json.ts'
import { isObject, objectOf, textFields, textOf } from '../json.ts'
import { requestAsset, requestIndex } from '../upstream-answers.ts'
import { TARBALL_ASSET } from './manifests.ts'
import { encodePackage, showPackage } from './names.ts'

/** Largest packument that is read. Unit: bytes. Ours; the largest public ones have some 100 MB. */
const PACKUMENT_BYTES_MAX = 512 * 1024 * 1024

/** Longest readme that is kept of someone else's packument. Unit: characters. Source: npm/registry, "package-metadata". */
const README_LENGTH_MAX = 65_536

/** What is kept of a packument besides its versions. */
const keptFields = [
  'description',
  'homepage',
  'keywords',
  'repository',
  'bugs',
  'author',
  'license',
  'maintainers',
  'contributors',
  'readmeFilename',
]

export const npmUpstream: UpstreamReader = {
  readIndex,
  parsePackage,
  openAsset: (source, { url }) => requestAsset(source, url),
}

async function readIndex(
  source: UpstreamSource,
  name: PackageName,
  seen: Validators | undefined,
): Promise<UpstreamIndex> {
  const headers = { accept: 'application/json' }
  const request = { path: encodePackage(name), headers, what: showPackage(name), seen }
  return requestIndex(source, request, (response) => response.bytes(PACKUMENT_BYTES_MAX))
}

function parsePackage(document: Buffer, name: PackageName): UpstreamPackage {
  const packument = parseJson(document)
  const times = objectOf(packument['time'])
  const versions = new Map<string, UpstreamVersion>()
  for (const [version, manifest] of Object.entries(objectOf(packument['versions']))) {
    const read = readVersion(name, version, manifest, times[version])
    if (read) versions.set(version, read)
  }
  const tags = textFields(packument['dist-tags']).filter(([, version]) => versions.has(version))
  return { versions, tags: new Map(tags), document: summarise(packument) }
}

function parseJson(document: Buffer): JsonObject {
  const value: unknown = JSON.parse(document.toString('utf8'))
  if (isObject(value)) return value
  throw refused('the upstream packument is not an object')
}

/** Undefined for what no client could install; one bad version must not hide the others. */
function readVersion(
  name: PackageName,
  version: string,
  manifest: unknown,
  time: unknown,
): UpstreamVersion | undefined {
  if (!isObject(manifest) || !isNamed(manifest, name)) return undefined
  if (!/^[=v]?\d[^#/\\\s\p{C}]{0,254}$/u.test(version)) return undefined
  const dist = objectOf(manifest['dist'])
  const url = textOf(dist['tarball'])
  if (url === undefined || !URL.canParse(url)) return undefined
  const asset = { name: TARBALL_ASSET, url, digests: digestsOf(dist) }
  return { version, publishedAt: parseTime(time), document: manifest, assets: [asset] }
}

/** Some old manifests spell their name in another case, or not at all. */
function isNamed(manifest: JsonObject, name: PackageName): boolean {
  const given = textOf(manifest['name'])?.trim().toLowerCase()
  return given === undefined || given === showPackage(name).toLowerCase()
}

function parseTime(value: unknown): number | undefined {
  const time = Date.parse(textOf(value) ?? '')
  return Number.isNaN(time) || time < 0 ? undefined : time
}

/** Digest lengths in hexadecimal characters. */
const digestLengths = { sha512: 128, sha256: 64, sha1: 40, md5: 32 } as const
type Algorithm = keyof typeof digestLengths

/** From `integrity` (Subresource Integrity) and, for old versions, `shasum` (SHA-1). */
function digestsOf(dist: JsonObject): UpstreamAsset['digests'] {
  const digests: { [algorithm in Algorithm]?: string } = {}
  for (const part of (textOf(dist['integrity']) ?? '').split(/\s+/)) {
    const [, algorithm, base64 = ''] = /^(sha512|sha256|sha1|md5)-([A-Za-z0-9+/]+={0,2})/.exec(part) ?? []
    if (!isAlgorithm(algorithm)) continue
    const hex = Buffer.from(base64, 'base64').toString('hex')
    if (hex.length === digestLengths[algorithm]) digests[algorithm] = hex
  }
  const shasum = textOf(dist['shasum'])?.toLowerCase()
  if (shasum && /^[0-9a-f]{40}$/.test(shasum)) digests.sha1 ??= shasum
  return digests
}

function isAlgorithm(text: string | undefined): text is Algorithm {
  return text !== undefined && text in digestLengths
}

function summarise(packument: JsonObject): JsonObject {
  const kept: Record<string, unknown> = {}
  for (const field of keptFields) if (packument[field] !== undefined) kept[field] = packument[field]
  const readme = textOf(packument['readme'])
  if (readme !== undefined) kept['readme'] = readme.slice(0, README_LENGTH_MAX)
  return kept
}
