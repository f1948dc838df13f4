import { type HeldVersion, readHeldVersions } from './held-versions.ts'
import { findPackage } from './lookup.ts'
import { assetMissing, packageMissing, versionMissing } from './missing.ts'
import type { PackageName } from './names.ts'
import type { RegistryParts } from './parts.ts'
import { addressOf } from './place.ts'
import {
  explainBlocks,
  type ExternalStop,
  findVersion,
  type Found,
  type Path,
  type Place,
  readPathVersions,
  walk,
} from './resolve.ts'
import { isSameOrigin } from './retain.ts'
import type { RepositoryNode } from './topology.ts'
import type { UpstreamAsset, UpstreamSource, UpstreamVersion } from './upstream.ts'
import type { UpstreamIndexes } from './upstream-index.ts'

/** An asset that somebody asked a repository for. */
export interface WantedAsset {
  readonly place: Place
  readonly name: PackageName
  readonly version: string
  readonly asset: string
}

/** Who may have an asset. */
export type Sought =
  | { readonly kind: 'own' | 'held'; readonly version: HeldVersion; readonly holder: RepositoryNode }
  /**
   * Nobody in the domain: to be asked for outside, in this order. `otherwise` is the answer when none of them has it;
   * `known`: what is held of the version already.
   */
  | {
      readonly kind: 'offered'
      readonly offers: readonly Offer[]
      readonly otherwise: () => Error
      readonly known: HeldVersion | undefined
    }

export interface Offer {
  readonly stop: ExternalStop
  readonly version: UpstreamVersion
  readonly asset: UpstreamAsset
}

/** A version that an index does not list is asked for again when the index is older than this. Unit: ms. Ours. */
const ABSENCE_BELIEVED_MS = 10_000

/** Finds, and leaves it where it is. Throws `missing`, or `unavailable` when an upstream could not be asked. */
export async function seekAsset(parts: RegistryParts, indexes: UpstreamIndexes, wanted: WantedAsset): Promise<Sought> {
  const { place, name } = wanted
  const own = await readOwn(parts, wanted)
  if (own) {
    if (!mayGrow(wanted, own)) return { kind: 'own', version: own, holder: place.node }
    return lookForMore(parts, await walk(parts, indexes, place, name), wanted, own)
  }
  const { path, found } = await lookAround(parts, indexes, wanted)
  switch (found.kind) {
    case 'held':
      return mayGrow(wanted, found.version)
        ? lookForMore(parts, path, wanted, found.version)
        : { kind: 'held', version: found.version, holder: found.stop.node }
    case 'external':
      return offered(path, wanted, [found.stop])
    case 'missing':
      return offered(
        path,
        wanted,
        path.stops.filter((stop) => stop.kind === 'external'),
      )
  }
}

/** What this repository holds itself needs no upstream, not even to be asked. */
async function readOwn(parts: RegistryParts, { place, name, version }: WantedAsset): Promise<HeldVersion | undefined> {
  const row = await findPackage(parts.metadata.db, place.node.id, name)
  if (!row) return undefined
  const [held] = await readHeldVersions(parts.metadata.db, [row.id], version)
  return held
}

function hasAsset({ assets }: { readonly assets: readonly { readonly name: string }[] }, { asset }: WantedAsset) {
  return assets.some((candidate) => candidate.name === asset)
}

/** Only what came from elsewhere, and may be given away, gets from there what it lacks. */
function mayGrow(wanted: WantedAsset, held: HeldVersion): boolean {
  const isOpen = held.status === 'Published' || held.status === 'Unlisted'
  const isGrowing = wanted.place.format.growth === 'growing' && held.origin.type === 'EXTERNAL'
  return isOpen && isGrowing && !hasAsset(held, wanted)
}

/** A further asset of a version held here or nearby, from whoever has the version from the same place. */
async function lookForMore(parts: RegistryParts, path: Path, wanted: WantedAsset, known: HeldVersion): Promise<Sought> {
  const held = await readPathVersions(parts, path, known.version)
  for (const stop of path.stops) {
    if (stop.kind !== 'held') continue
    const version = held.get(stop.held.id)?.[0]
    if (version && isSameOrigin(version.origin, known.origin) && hasAsset(version, wanted))
      return { kind: 'held', version, holder: stop.node }
  }
  const sources = path.stops.filter((stop) => stop.kind === 'external')
  return offered(
    path,
    wanted,
    sources.filter((stop) => stop.source.name === known.origin.entryPoint),
    known,
  )
}

/** An index that does not list the version is asked again before the answer is no. */
async function lookAround(
  parts: RegistryParts,
  indexes: UpstreamIndexes,
  { place, name, version }: WantedAsset,
): Promise<{ readonly path: Path; readonly found: Found }> {
  const path = await walk(parts, indexes, place, name)
  const found = await findVersion(parts, path, version)
  if (found.kind !== 'missing') return { path, found }
  const again = await walk(parts, indexes, place, name, parts.clock() - ABSENCE_BELIEVED_MS)
  return { path: again, found: await findVersion(parts, again, version) }
}

/** What an index lists, or what may be there all the same. */
function offered(path: Path, wanted: WantedAsset, stops: readonly ExternalStop[], known?: HeldVersion): Sought {
  const offers = stops.flatMap((stop) => offerOf(stop, wanted) ?? [])
  const otherwise = () => outageFor(path, wanted) ?? missingOn(path, wanted)
  if (offers.length === 0) throw otherwise()
  return { kind: 'offered', offers, otherwise, known }
}

/** An upstream that could not be asked, and that might have had it. */
function outageFor({ stops }: Path, { place, name, version, asset }: WantedAsset): Error | undefined {
  const reader = place.format.upstream
  const mayHave = (source: UpstreamSource) => !reader?.offer || reader.offer(source, name, version, asset) !== undefined
  const outages = stops.filter((stop) => stop.kind === 'outage')
  return outages.find((stop) => mayHave(stop.source))?.failure
}

function offerOf(stop: ExternalStop, { place, name, version, asset }: WantedAsset): Offer | undefined {
  const listed = stop.content.versions.get(version)
  const found = listed?.assets.find((candidate) => candidate.name === asset)
  if (listed && found) return { stop, version: listed, asset: found }
  const offer = place.format.upstream?.offer?.(stop.source, name, version, asset)
  return offer && { stop, version: listed ?? offer.version, asset: offer.asset }
}

function missingOn({ stops, blocks }: Path, { place, name, version, asset }: WantedAsset): Error {
  const address = { ...addressOf(place, name), version }
  const isKnown = stops.some((stop) => stop.kind === 'external' && stop.content.versions.has(version))
  if (isKnown) return assetMissing(address, asset)
  const explanation = explainBlocks(blocks, place.format)
  return stops.length === 0 ? packageMissing(address, explanation) : versionMissing(address, explanation)
}
