import { Readable } from 'node:stream'
import { LRUCache } from 'lru-cache'
import type { BlobId, ByteRange } from '../storage/blobs/blob-store.ts'
import type { Epochs } from '../storage/metadata/metadata.ts'
import { packageScope } from '../storage/metadata/scopes.ts'
import { RegistryError } from './errors.ts'
import type { HeldVersion } from './held-versions.ts'
import { createIngest, type Flight, nodesOf, type Wanted } from './ingest.ts'
import { assetMissing, versionMissing } from './missing.ts'
import type { Asset } from './model.ts'
import { type PackageName, packageKey } from './names.ts'
import type { RegistryParts } from './parts.ts'
import { addressOf } from './place.ts'
import type { Place } from './resolve.ts'
import { retainHeld } from './retain.ts'
import { seekAsset, type Sought, type WantedAsset } from './seek-asset.ts'
import type { LocatedAsset, OpenedAsset } from './session.ts'
import type { UpstreamIndexes } from './upstream-index.ts'
import { passGates } from './pass-gates.ts'
import { withholdEnd } from './withhold-end.ts'

/** Assets that are known to be here, and not to be there. The room for all is taken at once. Unit: entries. Ours. */
const KNOWN_ASSETS_MAX = 20_000
const ABSENT_MAX = 5_000

/** Smaller assets are read whole, and sent only when they have been verified. Unit: bytes. Ours. */
const SMALL_ASSET_BYTES = 512 * 1024

export interface AssetReader {
  /** Finds, fetches and retains. Throws `missing`, or `unavailable` when an upstream could not be asked. */
  open(place: Place, name: PackageName, version: string, asset: string): OpenedAsset | Promise<OpenedAsset>
  /** Finds, and leaves it where it is. Throws as `open` does. */
  locate(place: Place, name: PackageName, version: string, asset: string): Promise<LocatedAsset>
}

interface KnownAsset {
  /** The counter behind the package's scope, and what it said. */
  readonly slot: number
  readonly packageEpoch: number
  readonly topologyEpoch: number
  /** When rules may say something else by time alone. Unit: ms since 1970; infinite where they can't. */
  readonly passesUntil: number
  readonly opened: OpenedAsset
}

export function createAssetReader(parts: RegistryParts, indexes: UpstreamIndexes): AssetReader {
  const known = new LRUCache<string, KnownAsset>({ max: KNOWN_ASSETS_MAX })
  const absent = new LRUCache<string, number>({ max: ABSENT_MAX })
  const { epochs } = parts.metadata
  const counts = parts.counts.asset
  const finder = { parts, indexes, ingest: createIngest(parts), absent }
  return {
    open(place, name, version, asset) {
      const { topology, node } = place
      const scopeKey = packageKey(name)
      const key = `${node.id} ${scopeKey} ${version} ${asset}`
      const entry = known.get(key)
      if (entry && isCurrent(entry, epochs, topology) && mayPass(entry, parts)) {
        counts.hits++
        return entry.opened
      }
      counts.misses++
      const slot = epochs.slotOf(packageScope(topology.domain.id, scopeKey))
      const packageEpoch = epochs.at(slot)
      return find(finder, { place, name, version, asset }).then(({ opened, passesUntil }) => {
        const epochs = { slot, packageEpoch, topologyEpoch: topology.epoch }
        // Without an ETag it is still on its way.
        if (opened.etag !== undefined) known.set(key, { ...epochs, passesUntil, opened })
        return opened
      })
    },
    locate: (place, name, version, asset) => locate(finder, { place, name, version, asset }),
  }
}

function isCurrent(entry: KnownAsset, epochs: Epochs, topology: Place['topology']): boolean {
  return entry.packageEpoch === epochs.at(entry.slot) && entry.topologyEpoch === topology.epoch
}

/** The clock is asked only where a rule depends on it. */
function mayPass({ passesUntil }: KnownAsset, { clock }: RegistryParts): boolean {
  return passesUntil === Number.POSITIVE_INFINITY || passesUntil > clock()
}

type PassedAsset = Pick<KnownAsset, 'opened' | 'passesUntil'>

interface Finder {
  readonly parts: RegistryParts
  readonly indexes: UpstreamIndexes
  readonly ingest: (wanted: Wanted) => Flight
  /** Assets that an upstream was asked for and does not have, and until when that is believed. Unit: ms since 1970. */
  readonly absent: LRUCache<string, number>
}

async function find(finder: Finder, wanted: WantedAsset): Promise<PassedAsset> {
  const sought = await seekAsset(finder.parts, finder.indexes, wanted)
  const passesUntil = await passGates(finder.parts, wanted, sought)
  return { opened: await openSought(finder, wanted, sought), passesUntil }
}

async function openSought(finder: Finder, wanted: WantedAsset, sought: Sought): Promise<OpenedAsset> {
  const { parts } = finder
  const { place, name, asset } = wanted
  switch (sought.kind) {
    case 'own':
      return openHeld(parts, place, name, sought.version, asset)
    case 'held': {
      const opened = openHeld(parts, place, name, sought.version, asset)
      const isKept = place.format.isMutable?.(wanted.version) !== true
      if (isKept) await retainHeld(parts, { place, nodes: [place.node], name }, sought.version, asset)
      return opened
    }
    case 'offered':
      for (const offer of sought.offers) {
        const opened = await openOffered(finder, { place, name, ...offer })
        if (!opened) continue
        if (!sought.known) await keepSpeaking(finder, { place, name, ...offer })
        return opened
      }
      throw sought.otherwise()
  }
}

async function locate({ parts, indexes }: Finder, wanted: WantedAsset): Promise<LocatedAsset> {
  const { place, name, asset } = wanted
  const sought = await seekAsset(parts, indexes, wanted)
  await passGates(parts, wanted, sought)
  if (sought.kind !== 'offered') return { kind: 'stored', opened: openHeld(parts, place, name, sought.version, asset) }
  const [offer] = sought.offers
  if (!offer) throw sought.otherwise()
  return { kind: 'offered', source: offer.stop.source, asset: offer.asset, document: offer.version.document }
}

/** The first asset of a version brings the one that speaks for it, if there is one; without it the first one counts. */
async function keepSpeaking(finder: Finder, wanted: Wanted): Promise<void> {
  const { place, name, stop, version } = wanted
  const reader = place.format.upstream
  const speaking = reader?.speakingAsset?.(name, version.version)
  if (speaking === undefined || speaking === wanted.asset.name) return
  const offer = reader?.offer?.(stop.source, name, version.version, speaking)
  if (!offer) return
  try {
    await openOffered(finder, { ...wanted, asset: offer.asset })
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
  }
}

/** Undefined when the upstream has no such asset after all. */
async function openOffered(finder: Finder, wanted: Wanted): Promise<OpenedAsset | undefined> {
  const { parts, absent } = finder
  const key = `${wanted.stop.source.name} ${wanted.asset.url}`
  if ((absent.get(key) ?? 0) > parts.clock()) return undefined
  try {
    return await openFetched(finder, wanted)
  } catch (error) {
    if (!(error instanceof RegistryError) || error.kind !== 'missing') throw error
    absent.set(key, parts.clock() + parts.caches.missingTtlMs)
    return undefined
  }
}

/** Published and Unlisted versions can be downloaded; of the others nothing is given away. */
function openHeld(
  parts: RegistryParts,
  place: Place,
  name: PackageName,
  held: HeldVersion,
  assetName: string,
): OpenedAsset {
  const isOpen = held.status === 'Published' || held.status === 'Unlisted'
  const asset = isOpen ? held.assets.find((candidate) => candidate.name === assetName) : undefined
  if (asset) return openStored(parts, place.topology.domain.id, asset, held.publishedAt)
  const address = { ...addressOf(place, name), version: held.version }
  throw isOpen ? assetMissing(address, assetName) : versionMissing(address, `the version is ${held.status}`)
}

function openStored(parts: RegistryParts, domainId: string, asset: Asset, publishedAt: number): OpenedAsset {
  const blob = { domainId, sha256: asset.sha256 }
  return {
    asset,
    sizeBytes: asset.sizeBytes,
    etag: `"${asset.sha256}"`,
    publishedAt,
    ...(asset.sizeBytes > SMALL_ASSET_BYTES && { address: async (as) => parts.blobs.addressOf?.(blob, as) }),
    read(range) {
      if (asset.sizeBytes > SMALL_ASSET_BYTES) return parts.blobs.open(blob, range)
      const kept = parts.blobs.peek?.(blob)
      return kept ? partOf(kept, range) : readSmall(parts, blob, asset.sizeBytes, range)
    },
  }
}

async function readSmall(
  { blobs }: RegistryParts,
  blob: BlobId,
  sizeBytes: number,
  range: ByteRange | undefined,
): Promise<Readable | Buffer> {
  const bytes = await blobs.read(blob, sizeBytes, SMALL_ASSET_BYTES)
  return bytes ? partOf(bytes, range) : blobs.open(blob, range)
}

function partOf(bytes: Buffer, range: ByteRange | undefined): Buffer {
  return range ? bytes.subarray(range.start, range.end + 1) : bytes
}

/**
 * One that is being fetched: a small one when it has come, a large one while it comes. Its last bytes wait until its
 * digest has been checked and its reference stored, so that nobody completes a bad file.
 */
async function openFetched(finder: Finder, wanted: Wanted): Promise<OpenedAsset> {
  const { parts } = finder
  const { place, name, asset } = wanted
  const flight = finder.ingest(wanted)
  const stored = storedFor(parts, flight, wanted)
  // Seen by whoever awaits it below; a client that left early awaits nothing.
  stored.catch(() => undefined)
  const begun = await flight.begun
  if (!begun || (begun.sizeBytes ?? Number.POSITIVE_INFINITY) <= SMALL_ASSET_BYTES) {
    return openHeld(parts, place, name, await stored, asset.name)
  }
  return {
    asset: { name: asset.name },
    sizeBytes: begun.sizeBytes,
    etag: undefined,
    publishedAt: begun.publishedAt,
    read: async (range) => {
      const along = range ? undefined : begun.follow()
      if (along) return Readable.from(withholdEnd(along, stored), { objectMode: false })
      return openHeld(parts, place, name, await stored, asset.name).read(range)
    },
  }
}

/** The flight retains for whoever started it; who joined it for another repository retains there too. */
async function storedFor(parts: RegistryParts, flight: Flight, wanted: Wanted): Promise<HeldVersion> {
  const held = await flight.stored
  const more = nodesOf(wanted).filter((node) => !flight.retainedIn.has(node.id))
  if (more.length > 0)
    await retainHeld(parts, { place: wanted.place, nodes: more, name: wanted.name }, held, wanted.asset.name)
  return held
}
