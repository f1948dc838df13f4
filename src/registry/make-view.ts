import type { RegistryFormat } from './format.ts'
import { dateHolders, governVersions, type Holder, type Holders, nextBest } from './govern-view.ts'
import type { HeldVersion } from './held-versions.ts'
import type { OriginRestrictions } from './model.ts'
import { readNotes } from './notes.ts'
import { externalOrigin } from './origin.ts'
import type { RegistryParts } from './parts.ts'
import { type ExternalStop, type HeldStop, type Path, readPathTags, readPathVersions } from './resolve.ts'
import { isSameOrigin } from './retain.ts'
import { fromBehind } from './search-order.ts'
import type { UpstreamVersion } from './upstream.ts'
import type { PackageView, ViewVersion } from './view.ts'

/** A view, and about how many bytes of text it was made from. */
export interface MadeView {
  readonly view: PackageView
  readonly sizeBytes: number
  /** When it may be another one by time alone. Unit: ms since 1970; infinite where it can't. */
  readonly changesAt: number
  readonly holders: Holders
}

/** Merges what stands along a path: the nearest holder of each version, whatever its status there. */
export async function makeView(parts: RegistryParts, path: Path): Promise<MadeView> {
  const { place, name, stops } = path
  const held = await readPathVersions(parts, path)
  const versions = new Map<string, ViewVersion>()
  const found = new Map<string, Holder>()
  for (const stop of stops) {
    if (stop.kind === 'outage') continue
    const some =
      stop.kind === 'held'
        ? viewHeld(held.get(stop.held.id) ?? [], stop.node.id === place.node.id ? 'own' : 'upstream')
        : viewExternal(stop)
    for (const version of some) {
      const nearer = versions.get(version.version)
      if (!nearer) found.set(version.version, { stop, publishedAt: saidTime(stop, version) })
      versions.set(version.version, nearer ? grow(place.format, nearer, version) : version)
    }
  }
  const externals = stops.filter((stop) => stop.kind === 'external')
  const refreshed = [...versions.values()].map((version) => refresh(place.format, version, externals))
  refreshed.sort((left, right) => place.format.names.compareVersions(left.version, right.version))
  const shownName = place.format.names.show(name)
  const gate = await parts.gates.of(place, name)
  const holders = gate ? await dateHolders(parts, path, gate, found) : found
  const governed = governVersions(gate, shownName, holders, refreshed)
  const view: PackageView = {
    name,
    versions: governed.versions,
    tags: await mergeTags(parts, path, governed.versions),
    changedAt: changedAtOf(path, refreshed),
    restrictions: ownRestrictions(path),
    upstreamDocument: externals[0]?.content.document,
    upstreamDocuments: externals.map((stop) => stop.content.document).filter((document) => document !== undefined),
    notes: await readNotes(parts, path),
    isStale: stops.some((stop) => stop.kind === 'outage') || externals.some((stop) => stop.answer.isStale),
  }
  return { view, sizeBytes: sizeOf(held, externals), changesAt: governed.changesAt, holders }
}

/** Of what nobody has fetched, only what its upstream says. */
function saidTime(stop: HeldStop | ExternalStop, { version, publishedAt }: ViewVersion): number | undefined {
  return stop.kind === 'held' ? publishedAt : stop.content.versions.get(version)?.publishedAt
}

function sizeOf(held: ReadonlyMap<string, readonly HeldVersion[]>, externals: readonly ExternalStop[]): number {
  let sizeBytes = 0
  for (const versions of held.values()) for (const { documentLength } of versions) sizeBytes += documentLength
  for (const { answer } of externals) sizeBytes += answer.sizeBytes
  return sizeBytes
}

/** The nearest holder decides; of the same origin, what stands further away may have assets that it lacks. */
function grow(format: RegistryFormat, nearer: ViewVersion, further: ViewVersion): ViewVersion {
  const isGrowing = format.growth === 'growing' && nearer.status === 'Published' && further.status === 'Published'
  if (!isGrowing || nearer.origin.type !== 'EXTERNAL' || !isSameOrigin(nearer.origin, further.origin)) return nearer
  const known = new Set(nearer.assets.map((asset) => asset.name))
  const more = further.assets.filter((asset) => !known.has(asset.name))
  if (more.length === 0) return nearer
  const document = format.refreshDocument?.(nearer.document, further.document) ?? nearer.document
  return { ...nearer, document, assets: [...nearer.assets, ...more] }
}

export function viewHeld(versions: readonly HeldVersion[], holder: 'own' | 'upstream'): ViewVersion[] {
  return versions.map(({ version, status, publishedAt, document, origin, assets }) => ({
    version,
    status,
    publishedAt,
    document,
    origin,
    holder,
    assets: assets.map(({ name, sizeBytes, ...digests }) => ({ name, isStored: true, sizeBytes, digests })),
  }))
}

function viewExternal(stop: ExternalStop): ViewVersion[] {
  return Array.from(stop.content.versions.values(), (version) => viewOffered(stop, version))
}

function viewOffered(stop: ExternalStop, version: UpstreamVersion): ViewVersion {
  return {
    version: version.version,
    status: 'Published',
    publishedAt: version.publishedAt ?? stop.answer.changedAt,
    document: version.document,
    origin: externalOrigin(stop.source.name),
    holder: 'external',
    assets: version.assets.map(({ name, sizeBytes, digests }) => ({ name, isStored: false, sizeBytes, digests })),
  }
}

/** What the outside still says of a version that came from there, as that it is deprecated now. */
function refresh(format: RegistryFormat, version: ViewVersion, externals: readonly ExternalStop[]): ViewVersion {
  if (!format.refreshDocument || version.holder === 'external' || version.origin.type !== 'EXTERNAL') return version
  const stop = externals.find((external) => external.source.name === version.origin.entryPoint)
  const current = stop?.content.versions.get(version.version)
  return current ? { ...version, document: format.refreshDocument(version.document, current.document) } : version
}

/**
 * A tag that a repository and something behind it both have keeps the value from behind; of several behind it, the
 * first. Tags whose version is not Published are left out; one whose version is held points at the next best. Source:
 * CodeArtifact User Guide, "npm tags".
 */
async function mergeTags(
  parts: RegistryParts,
  path: Path,
  versions: readonly ViewVersion[],
): Promise<Map<string, string>> {
  const held = await readPathTags(parts, path)
  const known = new Map(versions.map((version) => [version.version, version]))
  const merged = new Map<string, string>()
  for (const stop of fromBehind(path.stops)) {
    for (const [tag, version] of tagsOf(stop, held)) {
      if (merged.has(tag)) continue
      const target = known.get(version)
      const shown = target?.held?.status === 'Published' ? nextBest(path, version, versions) : target?.version
      if (shown !== undefined && known.get(shown)?.status === 'Published') merged.set(tag, shown)
    }
  }
  return merged
}

function tagsOf(stop: Path['stops'][number], held: ReadonlyMap<string, ReadonlyMap<string, string>>) {
  switch (stop.kind) {
    case 'held':
      return held.get(stop.held.id) ?? new Map<string, string>()
    case 'external':
      return stop.content.tags
    case 'outage':
      return new Map<string, string>()
  }
}

function isAsked(path: Path, stop: HeldStop): boolean {
  return stop.node.id === path.place.node.id
}

function ownRestrictions(path: Path): OriginRestrictions | undefined {
  return path.stops.find((stop): stop is HeldStop => stop.kind === 'held' && isAsked(path, stop))?.held.restrictions
}

function changedAtOf(path: Path, versions: readonly ViewVersion[]): number {
  let changedAt = 0
  for (const stop of path.stops) if (stop.kind === 'held') changedAt = Math.max(changedAt, stop.held.updatedAt)
  for (const version of versions) changedAt = Math.max(changedAt, version.publishedAt)
  return changedAt
}
