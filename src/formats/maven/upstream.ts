import type { PackageName } from '../../registry/names.ts'
import type {
  Digests,
  UpstreamAsset,
  UpstreamIndex,
  UpstreamOffer,
  UpstreamPackage,
  UpstreamReader,
  UpstreamResponse,
  UpstreamSource,
  UpstreamVersion,
  Validators,
} from '../../registry/upstream.ts'
import { addressBelow, missingAsset, requestIndex, takeAsset } from '../upstream-answers.ts'
import { readChecksum } from './checksums.ts'
import type { UpstreamSummary } from './documents.ts'
import {
  assetAddress,
  type ChecksumAlgorithm,
  checksumAlgorithms,
  isSnapshot,
  metadataAddress,
  pomFile,
  snapshotOf,
} from './layout.ts'
import { METADATA_BYTES_MAX, parseMetadata } from './metadata.ts'

/** Largest checksum file that is read. Unit: bytes. Ours. */
const CHECKSUM_BYTES_MAX = 4096

/** What object stores say of a file that is not there. */
const FORBIDDEN = 403

/** A public Maven repository. Snapshots stay outside, as with the service. */
export const mavenUpstream: UpstreamReader = {
  readIndex,
  parsePackage,
  openAsset,
  offer,
  // Maven asks for it first; who asks for a jar alone leaves a version here that nobody knows the licence of.
  speakingAsset: ({ name }, version) => pomFile(name, version),
  readDigests,
  readPublishedAt,
}

function readIndex(source: UpstreamSource, name: PackageName, seen: Validators | undefined): Promise<UpstreamIndex> {
  const path = metadataAddress(name)
  const request = { path, headers: { accept: '*/*' }, what: path, seen, missingStatuses: [FORBIDDEN] }
  return requestIndex(source, request, (response) => response.bytes(METADATA_BYTES_MAX))
}

/** A list of versions, a group's plug-ins, or both. Of versions it says no more than that they are there. */
function parsePackage(document: Buffer, name: PackageName): UpstreamPackage {
  const { groupId, artifactId, versions: listed, lastUpdated, plugins } = parseMetadata(document)
  const isOwn = (groupId ?? name.namespace) === name.namespace && (artifactId ?? name.name) === name.name
  const versions = new Map<string, UpstreamVersion>()
  for (const version of isOwn ? listed : []) if (isTaken(version)) versions.set(version, bareVersion(name, version))
  const isDated = versions.size > 0 && lastUpdated !== undefined
  const summary: UpstreamSummary = { ...(isDated && { lastUpdated }), ...(plugins.length > 0 && { plugins }) }
  return { versions, tags: new Map(), document: Object.keys(summary).length > 0 ? summary : undefined }
}

function bareVersion(name: PackageName, version: string): UpstreamVersion {
  return { version, publishedAt: undefined, document: { artifactId: name.name }, assets: [] }
}

function isTaken(version: string): boolean {
  return (
    !isSnapshot(version) && !snapshotOf(version) && /^[^/\\\s#:\p{C}]{1,255}$/u.test(version) && !/^\.+$/.test(version)
  )
}

/** Old versions stand in no list, and no list tells files. Source: CodeArtifact User Guide, "Maven upstream". */
function offer(source: UpstreamSource, name: PackageName, version: string, asset: string): UpstreamOffer | undefined {
  if (!isTaken(version)) return undefined
  const url = addressBelow(source, assetAddress(name, version, asset))
  return { version: bareVersion(name, version), asset: { name: asset, url, digests: {} } }
}

async function openAsset(source: UpstreamSource, { url }: UpstreamAsset): Promise<UpstreamResponse> {
  const response = await source.request({ url, headers: { accept: '*/*', 'accept-encoding': 'identity' } })
  if (response.status !== FORBIDDEN) return takeAsset(source, response, url)
  response.body.destroy()
  throw missingAsset(source, url)
}

/** As old as its POM is there. A repository that does not say it to a HEAD says it to nobody. */
async function readPublishedAt(
  source: UpstreamSource,
  name: PackageName,
  version: string,
): Promise<number | undefined> {
  const url = addressBelow(source, assetAddress(name, version, pomFile(name.name, version)))
  const response = await source.request({ url, method: 'HEAD', headers: { accept: '*/*' } })
  response.body.destroy()
  const time = response.status === 200 ? Date.parse(response.header('last-modified') ?? '') : Number.NaN
  return time >= 0 ? time : undefined
}

/** Many repositories say them with the file itself; all have them beside it. */
async function readDigests(
  source: UpstreamSource,
  { url }: UpstreamAsset,
  response: UpstreamResponse,
): Promise<Digests> {
  const said = checksumAlgorithms.flatMap((algorithm) => {
    const digest = readChecksum(response.header(`x-checksum-${algorithm}`) ?? '', algorithm)
    return digest === undefined ? [] : [[algorithm, digest] as const]
  })
  if (said.length > 0) return Object.fromEntries(said)
  const strong = await askDigests(source, url, ['sha512', 'sha256', 'sha1'])
  return Object.keys(strong).length > 0 ? strong : askDigests(source, url, ['md5'])
}

/** One that cannot be asked for is no matter while another one is there. */
async function askDigests(
  source: UpstreamSource,
  url: string,
  algorithms: readonly ChecksumAlgorithm[],
): Promise<Digests> {
  const asked = await Promise.allSettled(algorithms.map((algorithm) => askDigest(source, url, algorithm)))
  const digests = asked.flatMap((answer) => (answer.status === 'fulfilled' && answer.value ? [answer.value] : []))
  const failed = asked.find((answer) => answer.status === 'rejected')
  if (digests.length === 0 && failed) throw failed.reason
  return Object.fromEntries(digests)
}

async function askDigest(
  source: UpstreamSource,
  url: string,
  algorithm: ChecksumAlgorithm,
): Promise<readonly [ChecksumAlgorithm, string] | undefined> {
  const response = await source.request({ url: `${url}.${algorithm}`, headers: { accept: '*/*' } })
  if (response.status !== 200) {
    response.body.destroy()
    return undefined
  }
  const digest = readChecksum((await response.bytes(CHECKSUM_BYTES_MAX)).toString('latin1'), algorithm)
  return digest === undefined ? undefined : [algorithm, digest]
}
