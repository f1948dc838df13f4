import { Readable } from 'node:stream'
import { LRUCache } from 'lru-cache'
import { packageScope } from '../storage/metadata/scopes.ts'
import { type HeldVersion, readHeldVersions } from './held-versions.ts'
import { createIngest, type Flight, nodesOf, type Wanted } from './ingest.ts'
import { assetMissing, packageMissing, versionMissing } from './missing.ts'
import type { Asset } from './model.ts'
import { type PackageName, packageKey } from './names.ts'
import type { RegistryParts } from './parts.ts'
import { addressOf } from './place.ts'
import { explainBlocks, findVersion, type Found, outageOf, type Place, readPathVersions, walk } from './resolve.ts'
import { isSameOrigin, retainHeld } from './retain.ts'
import type { LocatedAsset, OpenedAsset } from './session.ts'
import { findPackage } from './lookup.ts'
import type { UpstreamAsset, UpstreamVersion } from './upstream.ts'
import type { UpstreamIndexes } from './upstream-index.ts'
import { withholdEnd } from './withhold-end.ts'

/** Assets that are known to be here. Unit: entries. Ours. */
const KNOWN_ASSETS_MAX = 50_000

/** Smaller assets are read whole, and sent only when they have been verified. Unit: bytes. Ours. */
const SMALL_ASSET_BYTES = 256 * 1024

/** A version that an index does not list is asked for again when the index is older than this. Unit: ms. Ours. */
const ABSENCE_BELIEVED_MS = 10_000

export interface AssetReader {
  /** Finds, fetches and retains. Throws `missing`, or `unavailable` when an upstream could not be asked. */
  open(place: Place, name: PackageName, version: string, asset: string): OpenedAsset | Promise<OpenedAsset>
  /** Finds, and leaves it where it is. Throws as `open` does. */
  locate(place: Place, name: PackageName, version: string, asset: string): Promise<LocatedAsset>
}

interface KnownAsset {
  readonly packageEpoch: number
  readonly topologyEpoch: number
  readonly opened: OpenedAsset
}

export function createAssetReader(parts: RegistryParts, indexes: UpstreamIndexes): AssetReader {
  const known = new LRUCache<string, KnownAsset>({ max: KNOWN_ASSETS_MAX })
  const finder = { parts, indexes, ingest: createIngest(parts) }
  return {
    open(place, name, version, asset) {
      const { topology, node } = place
      const scopeKey = packageKey(name)
      const key = `${node.id} ${scopeKey} ${version} ${asset}`
      const packageEpoch = parts.metadata.epochs.of(packageScope(topology.domain.id, scopeKey))
      const entry = known.get(key)
      if (entry?.packageEpoch === packageEpoch && entry.topologyEpoch === topology.epoch) return entry.opened
      return find(finder, place, name, version, asset).then((opened) => {
        // Without an ETag it is still on its way.
        if (opened.etag !== undefined) known.set(key, { packageEpoch, topologyEpoch: topology.epoch, opened })
        return opened
      })
    },
    locate: (place, name, version, asset) => locate(finder, place, name, version, asset),
  }
}

interface Finder {
  readonly parts: RegistryParts
  readonly indexes: UpstreamIndexes
  readonly ingest: (wanted: Wanted) => Flight
}

async function find(finder: Finder, place: Place, name: PackageName, version: string, asset: string) {
  const own = await readOwn(finder.parts, place, name, version)
  if (own && !mayGrow(place, own, asset)) return openHeld(finder.parts, place, name, own, asset)
  const found = own ? await lookForMore(finder, place, name, own, asset) : await look(finder, place, name, version)
  return obtain(finder, place, name, version, asset, found)
}

async function locate(
  finder: Finder,
  place: Place,
  name: PackageName,
  version: string,
  asset: string,
): Promise<LocatedAsset> {
  const { parts } = finder
  const own = await readOwn(parts, place, name, version)
  if (own && !mayGrow(place, own, asset)) return { kind: 'stored', opened: openHeld(parts, place, name, own, asset) }
  const found = own ? await lookForMore(finder, place, name, own, asset) : await look(finder, place, name, version)
  switch (found.kind) {
    case 'held':
      return { kind: 'stored', opened: openHeld(parts, place, name, found.version, asset) }
    case 'external':
      return {
        kind: 'offered',
        source: found.stop.source,
        asset: offeredAsset(place, name, found.version, asset),
        document: found.version.document,
      }
    case 'missing':
      throw versionMissing({ ...addressOf(place, name), version })
  }
}

function offeredAsset(place: Place, name: PackageName, offered: UpstreamVersion, asset: string): UpstreamAsset {
  const found = offered.assets.find((candidate) => candidate.name === asset)
  if (found) return found
  throw assetMissing({ ...addressOf(place, name), version: offered.version }, asset)
}

async function obtain(
  finder: Finder,
  place: Place,
  name: PackageName,
  version: string,
  asset: string,
  found: Found,
): Promise<OpenedAsset> {
  switch (found.kind) {
    case 'held': {
      const opened = openHeld(finder.parts, place, name, found.version, asset)
      await retainHeld(finder.parts, { place, nodes: [place.node], name }, found.version, asset)
      return opened
    }
    case 'external': {
      const wanted = offeredAsset(place, name, found.version, asset)
      return openFetched(finder, { place, name, stop: found.stop, version: found.version, asset: wanted })
    }
    case 'missing':
      throw versionMissing({ ...addressOf(place, name), version })
  }
}

/** Only what came from elsewhere, and may be given away, gets from there what it lacks. */
function mayGrow(place: Place, own: HeldVersion, asset: string): boolean {
  const isOpen = own.status === 'Published' || own.status === 'Unlisted'
  const isHere = own.assets.some((held) => held.name === asset)
  return place.format.growth === 'growing' && isOpen && !isHere && own.origin.type === 'EXTERNAL'
}

/** A further asset of a version held here, from whoever has the version from the same place. */
async function lookForMore(
  { parts, indexes }: Finder,
  place: Place,
  name: PackageName,
  own: HeldVersion,
  asset: string,
): Promise<Found> {
  const path = await walk(parts, indexes, place, name)
  const held = await readPathVersions(parts, path, own.version)
  const hasIt = (assets: readonly { readonly name: string }[]) => assets.some((offered) => offered.name === asset)
  for (const stop of path.stops) {
    if (stop.kind === 'held') {
      const version = held.get(stop.held.id)?.[0]
      if (version && isSameOrigin(version.origin, own.origin) && hasIt(version.assets))
        return { kind: 'held', stop, version }
    } else if (stop.kind === 'external' && stop.source.name === own.origin.entryPoint) {
      const version = stop.content.versions.get(own.version)
      if (version && hasIt(version.assets)) return { kind: 'external', stop, version }
    }
  }
  throw outageOf(path) ?? assetMissing({ ...addressOf(place, name), version: own.version }, asset)
}

/** What this repository holds itself needs no upstream, not even to be asked. */
async function readOwn(parts: RegistryParts, place: Place, name: PackageName, version: string) {
  const row = await findPackage(parts.metadata.db, place.node.id, name)
  if (!row) return undefined
  const [held] = await readHeldVersions(parts.metadata.db, [row.id], version)
  return held
}

/** An index that does not list the version is asked again before the answer is no. */
async function look({ parts, indexes }: Finder, place: Place, name: PackageName, version: string): Promise<Found> {
  const path = await walk(parts, indexes, place, name)
  const found = await findVersion(parts, path, version)
  if (found.kind !== 'missing') return found
  const again = await walk(parts, indexes, place, name, parts.clock() - ABSENCE_BELIEVED_MS)
  const foundNow = await findVersion(parts, again, version)
  if (foundNow.kind !== 'missing') return foundNow
  const outage = outageOf(again)
  if (outage) throw outage
  const explanation = explainBlocks(again.blocks, place.format)
  if (again.stops.length === 0) throw packageMissing(addressOf(place, name), explanation)
  throw versionMissing({ ...addressOf(place, name), version }, explanation)
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
    async read(range) {
      if (asset.sizeBytes > SMALL_ASSET_BYTES) return parts.blobs.open(blob, range)
      const bytes = await parts.blobs.read(blob, asset.sizeBytes, SMALL_ASSET_BYTES)
      if (!bytes) return parts.blobs.open(blob, range)
      return range ? bytes.subarray(range.start, range.end + 1) : bytes
    },
  }
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
    publishedAt: wanted.version.publishedAt ?? parts.clock(),
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
