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
import { isObject, type JsonObject, objectOf, textOf } from '../json.ts'
import { isSemanticVersion } from '../semantic-version.ts'
import { addressBelow, refusal, requestAsset, requestIndex } from '../upstream-answers.ts'
import { crateFile, indexPath, indexPrefix } from './names.ts'

/** Largest file of an index, and largest config.json, that is read. Unit: bytes. Ours; real ones have up to 5 MB. */
const INDEX_BYTES_MAX = 64 * 1024 * 1024
const CONFIG_BYTES_MAX = 64 * 1024

export const cargoUpstream: UpstreamReader = { readIndex, parsePackage, openAsset }

async function readIndex(
  source: UpstreamSource,
  name: PackageName,
  seen: Validators | undefined,
): Promise<UpstreamIndex> {
  const headers = { accept: 'text/plain', 'cargo-protocol': 'version=1' }
  const request = { path: indexPath(name), headers, what: name.name, seen }
  return requestIndex(source, request, (response) => response.bytes(INDEX_BYTES_MAX))
}

/** Throws when no line at all can be read: that is another document. */
function parsePackage(document: Buffer, name: PackageName): UpstreamPackage {
  const versions = new Map<string, UpstreamVersion>()
  const lines = document
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
  for (const line of lines) {
    const read = readLine(name, line)
    if (read && !versions.has(read.version)) versions.set(read.version, read)
  }
  if (lines.length > 0 && versions.size === 0) throw new Error('no line of its index can be read')
  return { versions, tags: new Map(), document: undefined }
}

/** Undefined for what no client could use; one bad line must not hide the others. */
function readLine(name: PackageName, line: string): UpstreamVersion | undefined {
  const entry = parseLine(line)
  const [spelling, version, cksum] = [entry?.['name'], entry?.['vers'], entry?.['cksum']].map(textOf)
  if (!entry || spelling?.toLowerCase() !== name.name) return undefined
  if (version === undefined || !isSemanticVersion(version)) return undefined
  if (cksum === undefined || !/^[0-9a-f]{64}$/.test(cksum)) return undefined
  // Where it is depends on config.json, which is read when it is fetched.
  const asset = {
    name: crateFile(name, version),
    url: `crate:${spelling}/${version}/${cksum}`,
    digests: { sha256: cksum },
  }
  return { version, publishedAt: readTime(entry['pubtime']), document: { entry }, assets: [asset] }
}

function parseLine(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function readTime(value: unknown): number | undefined {
  const time = Date.parse(textOf(value) ?? '')
  return Number.isNaN(time) || time < 0 ? undefined : time
}

async function openAsset(source: UpstreamSource, asset: UpstreamAsset): Promise<UpstreamResponse> {
  const [spelling = '', version = '', cksum = ''] = asset.url.slice('crate:'.length).split('/')
  const url = downloadAddress(source, await readTemplate(source), { spelling, version, cksum })
  return requestAsset(source, url, asset.name)
}

/** `dl` of config.json: where crates are downloaded from, now. */
async function readTemplate(source: UpstreamSource): Promise<string> {
  const response = await source.request({ url: addressBelow(source, 'config.json') })
  if (response.status !== 200) {
    response.body.destroy()
    throw refusal(source, 'config.json', response.status)
  }
  const dl = textOf(objectOf(parseLine((await response.bytes(CONFIG_BYTES_MAX)).toString('utf8')))['dl'])
  if (dl === undefined) throw refusal(source, 'config.json', "something without 'dl'")
  return dl
}

interface Crate {
  readonly spelling: string
  readonly version: string
  readonly cksum: string
}

/** Source: The Cargo Book, "Index Format", Index Configuration. */
function downloadAddress(source: UpstreamSource, template: string, { spelling, version, cksum }: Crate): string {
  const markers: Readonly<Record<string, string>> = {
    '{crate}': spelling,
    '{version}': version,
    '{prefix}': indexPrefix(spelling),
    '{lowerprefix}': indexPrefix(spelling.toLowerCase()),
    '{sha256-checksum}': cksum,
  }
  const marker = /\{(?:crate|version|prefix|lowerprefix|sha256-checksum)\}/g
  const url = marker.test(template)
    ? template.replace(marker, (found) => markers[found] ?? found)
    : `${template.replace(/\/$/, '')}/${spelling}/${version}/download`
  if (URL.canParse(url)) return url
  throw refusal(source, 'config.json', `the download address '${template.slice(0, 100)}'`)
}
