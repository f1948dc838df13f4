import { createHash } from 'node:crypto'
import { RegistryError } from '../../registry/errors.ts'
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
import { addressBelow, conditions, earliestTime, missingAsset, readAbsence, takeAsset } from '../upstream-answers.ts'
import { type InfoLine, parseInfo } from './compact-index.ts'
import { catalogueRules } from './documents.ts'
import { assetName } from './names.ts'
import type { Gem, Release } from './release.ts'

/** Largest `info/{gem}` that is read. Unit: bytes. Ours; the largest public ones have some MB. */
const INFO_BYTES_MAX = 64 * 1024 * 1024

/** Largest `versions` that is read. Unit: bytes. Ours; the public one has some 25 MB. */
const VERSIONS_BYTES_MAX = 512 * 1024 * 1024

export const rubyUpstream: UpstreamReader = { readIndex, parsePackage, openAsset }

async function readIndex(
  source: UpstreamSource,
  name: PackageName,
  seen: Validators | undefined,
  kept?: Buffer,
): Promise<UpstreamIndex> {
  if (name.namespace === catalogueRules.outside.namespace) return readVersionsFile(source, seen, kept)
  const response = await source.request({ url: addressBelow(source, `info/${name.name}`), headers: conditions(seen) })
  return response.status === 200
    ? { kind: 'changed', document: await response.bytes(INFO_BYTES_MAX), validators: validatorsOf(response) }
    : readAbsence(source, name.name, response)
}

/** As Bundler does it: only what came after the last byte that is known. Source: bundler, compact_index_client. */
async function readVersionsFile(
  source: UpstreamSource,
  seen: Validators | undefined,
  kept: Buffer | undefined,
): Promise<UpstreamIndex> {
  const canContinue = kept !== undefined && kept.length > 1 && seen?.etag !== undefined
  const range = canContinue ? { range: `bytes=${kept.length - 1}-`, 'accept-encoding': 'identity' } : {}
  const response = await source.request({
    url: addressBelow(source, 'versions'),
    headers: { ...conditions(seen), ...range },
  })
  if (response.status === 200) {
    const document = await response.bytes(VERSIONS_BYTES_MAX)
    return { kind: 'changed', document, validators: validatorsOf(response) }
  }
  if (response.status === 206 && canContinue) {
    const document = continued(kept, await response.bytes(VERSIONS_BYTES_MAX), response)
    if (document) return { kind: 'changed', document, validators: validatorsOf(response) }
    return readVersionsFile(source, undefined, undefined)
  }
  if (response.status !== 416) return readAbsence(source, 'versions', response)
  response.body.destroy()
  return readVersionsFile(source, undefined, undefined)
}

/** Undefined when the part does not continue what is known. */
function continued(kept: Buffer, part: Buffer, response: UpstreamResponse): Buffer | undefined {
  const [, start] = /^bytes (\d+)-/.exec(response.header('content-range') ?? '') ?? []
  if (Number(start) !== kept.length - 1 || part[0] !== kept.at(-1)) return undefined
  const document = Buffer.concat([kept.subarray(0, -1), part])
  const told = `${response.header('repr-digest') ?? ''},${response.header('digest') ?? ''}`
  const [, digest] = /sha-256=[:"]?([A-Za-z0-9+/]{43}=)/.exec(told) ?? []
  const found = createHash('sha256').update(document).digest('base64')
  return digest === undefined || digest === found ? document : undefined
}

/** The tag alone, as Bundler does it. */
function validatorsOf(response: UpstreamResponse): Validators {
  const etag = response.header('etag')
  return etag === undefined ? {} : { etag }
}

async function openAsset(source: UpstreamSource, asset: UpstreamAsset): Promise<UpstreamResponse> {
  const response = await source.request({
    url: addressBelow(source, asset.url),
    headers: { 'accept-encoding': 'identity' },
  })
  if (response.status !== 403) return takeAsset(source, response, asset.url)
  // Object stores answer it for what they do not have.
  response.body.destroy()
  throw missingAsset(source, asset.url)
}

/** Of the catalogue nothing is parsed: it is one document. */
function parsePackage(document: Buffer, name: PackageName): UpstreamPackage {
  if (name.namespace === catalogueRules.outside.namespace) return { versions: new Map(), tags: new Map(), document }
  const text = document.toString('utf8')
  if (text.trim() !== '' && !text.includes('---'))
    throw new RegistryError('unavailable', `info/${name.name} is no index`)
  const byVersion = Map.groupBy(parseInfo(text), (line) => line.version)
  const versions = Array.from(
    byVersion,
    ([version, lines]) => [version, readVersion(name.name, version, lines)] as const,
  )
  return { versions: new Map(versions), tags: new Map(), document: undefined }
}

function readVersion(name: string, version: string, lines: readonly InfoLine[]): UpstreamVersion {
  const gems = lines.map((line) => [assetName({ name, ...line }), gemOf(line)] as const)
  const document: Release = { name, version, gems: Object.fromEntries(gems) }
  return {
    version,
    publishedAt: earliestTime(lines.map(({ createdAt }) => createdAt)),
    document,
    assets: lines.map((line) => {
      const asset = assetName({ name, ...line })
      const digests = line.checksum === undefined ? {} : { sha256: line.checksum }
      return { name: asset, url: `gems/${encodeURIComponent(asset)}`, digests }
    }),
  }
}

function gemOf({ platform, runtime, ruby, rubygems, createdAt }: InfoLine): Gem {
  return {
    platform,
    source: 'index',
    runtime,
    development: [],
    ruby,
    rubygems,
    ...(createdAt !== undefined && { createdAt }),
  }
}
