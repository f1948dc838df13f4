import { type HeldVersion, readHeldVersions } from './held-versions.ts'
import type { Flight, Wanted } from './ingest.ts'
import { findPackage } from './lookup.ts'
import { packageMissing } from './missing.ts'
import type { PackageName } from './names.ts'
import type { RegistryParts } from './parts.ts'
import { addressOf } from './place.ts'
import {
  explainBlocks,
  type Found,
  outageOf,
  type Path,
  type Place,
  readPathTags,
  readPathVersions,
  walk,
} from './resolve.ts'
import type { UpstreamIndexes } from './upstream-index.ts'

/** A version that can be copied, and the tags that point at it where it is. */
export interface SourceVersion {
  readonly held: HeldVersion
  readonly tags: readonly string[]
}

export interface CopySource {
  readonly repository: string
  /** Of the versions asked for, those that are there. */
  readonly versions: ReadonlyMap<string, SourceVersion>
}

/** What a repository holds itself. Throws `missing` when it does not know the package. */
export async function readSource(
  parts: RegistryParts,
  place: Pick<Place, 'topology' | 'node'>,
  name: PackageName,
  wanted: readonly string[],
): Promise<CopySource> {
  const row = await findPackage(parts.metadata.db, place.node.id, name)
  if (!row) throw packageMissing(addressOf(place, name))
  const tags = await parts.metadata.db.selectFrom('package_tags').selectAll().where('package_id', '=', row.id).execute()
  const versions = new Map<string, SourceVersion>()
  for (const version of wanted) {
    const [held] = await readHeldVersions(parts.metadata.db, [row.id], version)
    const own = tags.filter((tag) => tag.version === version).map((tag) => tag.tag)
    if (held) versions.set(version, { held, tags: own })
  }
  return { repository: place.node.repository.name, versions }
}

export interface UpstreamReading {
  readonly parts: RegistryParts
  readonly indexes: UpstreamIndexes
  readonly ingest: (wanted: Wanted) => Flight
}

/**
 * What a client of the repository sees. What nobody in the domain holds yet is fetched, once all versions are known to be
 * there, and kept where the external connection is; the source itself keeps nothing. Throws `missing` or `unavailable`.
 */
export async function readSourceWithUpstreams(
  reading: UpstreamReading,
  place: Place,
  name: PackageName,
  wanted: readonly string[],
): Promise<CopySource> {
  const path = await walk(reading.parts, reading.indexes, place, name)
  if (path.stops.length === 0) {
    throw outageOf(path) ?? packageMissing(addressOf(place, name), explainBlocks(path.blocks, place.format))
  }
  const held = await readPathVersions(reading.parts, path)
  const found = wanted.map((version) => [version, nearest(path, held, version)] as const)
  const isWhole = found.every(([, one]) => one.kind !== 'missing')
  const versions = new Map<string, SourceVersion>()
  const tags = await readPathTags(reading.parts, path)
  for (const [version, one] of found) {
    const stored = await store(reading, place, name, one, isWhole ? 'fetch' : 'leave')
    if (stored) versions.set(version, { held: stored, tags: tagsOf(one, version, tags) })
  }
  return { repository: place.node.repository.name, versions }
}

function nearest(path: Path, held: ReadonlyMap<string, readonly HeldVersion[]>, wanted: string): Found {
  for (const stop of path.stops) {
    if (stop.kind === 'held') {
      const version = held.get(stop.held.id)?.find((one) => one.version === wanted)
      if (version) return { kind: 'held', stop, version }
    } else if (stop.kind === 'external') {
      const version = stop.content.versions.get(wanted)
      if (version) return { kind: 'external', stop, version }
    }
  }
  return { kind: 'missing' }
}

async function store(
  { ingest }: UpstreamReading,
  place: Place,
  name: PackageName,
  found: Found,
  wanted: 'fetch' | 'leave',
): Promise<HeldVersion | undefined> {
  if (found.kind === 'held') return found.version
  if (found.kind === 'missing' || wanted === 'leave') return undefined
  const { stop, version } = found
  let stored: HeldVersion | undefined
  for (const asset of version.assets) {
    // As if the connection's own repository had been asked.
    stored = await ingest({ place: { ...place, node: stop.node }, name, stop, version, asset }).stored
  }
  return stored
}

function tagsOf(found: Found, version: string, held: ReadonlyMap<string, ReadonlyMap<string, string>>): string[] {
  if (found.kind === 'missing') return []
  const tags = found.kind === 'held' ? held.get(found.stop.held.id) : found.stop.content.tags
  return [...(tags ?? [])].filter(([, target]) => target === version).map(([tag]) => tag)
}
