import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { LRUCache } from 'lru-cache'
import { packageScope } from '../storage/metadata/scopes.ts'
import { HeldError, type HeldThing } from './held.ts'
import { makeView } from './make-view.ts'
import { packageMissing } from './missing.ts'
import { type PackageName, packageKey } from './names.ts'
import type { RegistryParts } from './parts.ts'
import { addressOf } from './place.ts'
import { explainBlocks, outageOf, type Path, type Place, walk } from './resolve.ts'
import type { ReadyIndex, RenderIndex } from './session.ts'
import type { UpstreamIndexes } from './upstream-index.ts'
import type { PackageView } from './view.ts'

const compress = promisify(gzip)

/** Below this, compressing does not pay. Unit: bytes. Ours. */
const COMPRESS_BYTES_MIN = 1024

/** What an entry costs beside its bytes. Unit: bytes. */
const ENTRY_BYTES = 512

/**
 * Rendered indexes, ready to send. An entry holds while the package's epoch and the domain's topology stand still and
 * no external index that it was made from has grown too old.
 */
export interface IndexCache {
  /** Throws `missing` when the repository sees no version of the package, `unavailable` when that can't be known. */
  read(place: Place, name: PackageName, key: string, render: RenderIndex): ReadyIndex | Promise<ReadyIndex>
}

interface Entry {
  readonly slot: number
  readonly packageEpoch: number
  readonly topologyEpoch: number
  readonly freshUntil: number
  /** Says what the external connections answered; while it stays the same, so does the rendering. */
  readonly basis: string
  /** Undefined: nobody has the package, as far as one may look. */
  readonly ready: ReadyIndex | undefined
  /** Why more is not seen. */
  readonly explanation?: string | undefined
  /** Rules hold every version. */
  readonly held?: HeldThing | undefined
  /** When rules may say something else by time alone. Unit: ms since 1970. */
  readonly changesAt: number
}

export function createIndexCache(parts: RegistryParts, indexes: UpstreamIndexes): IndexCache {
  const entries = new LRUCache<string, Entry>({
    maxSize: parts.caches.indexBytesMax,
    sizeCalculation: ({ ready }) => ENTRY_BYTES + (ready ? ready.identity.length + (ready.gzip?.length ?? 0) : 0),
  })
  const flights = new Map<string, Promise<Entry>>()

  const { epochs } = parts.metadata
  const counts = parts.counts.index
  const make = (making: Making, key: string) => {
    const flightKey = `${key} ${making.epoch} ${making.place.topology.epoch}`
    const known = flights.get(flightKey)
    if (known) return known
    const flight = makeEntry(making, entries.get(key))
      .then((entry) => {
        entries.set(key, entry)
        return entry
      })
      .finally(() => flights.delete(flightKey))
    flights.set(flightKey, flight)
    return flight
  }

  return {
    read(place, name, kind, render) {
      const { topology, node } = place
      const scopeKey = packageKey(name)
      const key = `${node.id} ${scopeKey} ${kind}`
      const entry = entries.get(key)
      const epoch = entry ? epochs.at(entry.slot) : undefined
      if (
        entry?.packageEpoch === epoch &&
        entry?.topologyEpoch === topology.epoch &&
        entry.freshUntil > parts.clock()
      ) {
        counts.hits++
        return show(entry, place, name)
      }
      counts.misses++
      const slot = epochs.slotOf(packageScope(topology.domain.id, scopeKey))
      return make({ parts, indexes, place, name, render, slot, epoch: epochs.at(slot) }, key).then((made) =>
        show(made, place, name),
      )
    },
  }
}

function show(entry: Entry, place: Place, name: PackageName): ReadyIndex {
  if (entry.ready) return entry.ready
  if (entry.held) throw new HeldError(place, entry.held)
  throw packageMissing(addressOf(place, name), entry.explanation)
}

interface Making {
  readonly parts: RegistryParts
  readonly indexes: UpstreamIndexes
  readonly place: Place
  readonly name: PackageName
  readonly render: RenderIndex
  /** The counter behind the package's scope, and what it said. */
  readonly slot: number
  readonly epoch: number
}

async function makeEntry(making: Making, before: Entry | undefined): Promise<Entry> {
  const { parts, indexes, place, name, slot, epoch } = making
  const path = await walk(parts, indexes, place, name)
  const basis = basisOf(path)
  const keys = { slot, packageEpoch: epoch, topologyEpoch: place.topology.epoch, freshUntil: path.freshUntil, basis }
  const isSame = before?.packageEpoch === epoch && before.topologyEpoch === keys.topologyEpoch && before.basis === basis
  if (isSame && before.changesAt > parts.clock()) {
    const { ready, explanation, held, changesAt } = before
    return { ...keys, freshUntil: Math.min(path.freshUntil, changesAt), changesAt, ready, explanation, held }
  }
  const { view, changesAt } = await makeView(parts, path)
  const until = { freshUntil: Math.min(path.freshUntil, changesAt), changesAt }
  const held = heldWhole(view)
  if (held && place.format.heldIndex !== 'shown') return { ...keys, ...until, ready: undefined, held }
  if (isKnown(place, view)) {
    const ready = await makeReady(making.render, view, before?.ready)
    return { ...keys, ...until, ready: held ? { ...ready, held } : ready }
  }
  const outage = outageOf(path)
  if (outage) throw outage
  return { ...keys, ...until, ready: undefined, explanation: explainBlocks(path.blocks, place.format) }
}

/** A package of which nothing is left to see, so that its client is told why; what holds the highest version says it. */
function heldWhole({ name, versions }: PackageView): HeldThing | undefined {
  if (versions.some(({ status }) => status === 'Published')) return undefined
  const highest = versions.findLast(({ held }) => held?.status === 'Published')
  return highest?.held && { name, version: undefined, holds: highest.held.holds }
}

/** Something may be known of a name under which there are no versions, in formats that note such things. */
function isKnown(place: Place, { versions, notes, upstreamDocuments }: PackageView): boolean {
  if (versions.length > 0) return true
  return place.format.indexedNotes !== undefined && (notes.size > 0 || upstreamDocuments.length > 0)
}

function basisOf(path: Path): string {
  const answers = path.stops.map((stop) => {
    switch (stop.kind) {
      case 'held':
        return ''
      case 'external':
        return `${stop.source.name} ${stop.answer.changedAt} ${stop.answer.isStale}`
      case 'outage':
        return 'outage'
    }
  })
  return answers.join('\n')
}

/** Compresses only bytes that were not compressed before: many a change does not show in every rendering. */
async function makeReady(render: RenderIndex, view: PackageView, before: ReadyIndex | undefined): Promise<ReadyIndex> {
  const { contentType, body, headers } = render(view)
  const identity = typeof body === 'string' ? Buffer.from(body) : body
  const etag = `W/"${createHash('sha256').update(identity).digest('base64url').slice(0, 27)}"`
  const common = { contentType, etag, lastModified: view.changedAt, isStale: view.isStale, headers }
  if (before?.etag === etag) return { ...common, identity: before.identity, gzip: before.gzip }
  const compressed = identity.length < COMPRESS_BYTES_MIN ? undefined : await compress(identity)
  return { ...common, identity, gzip: compressed }
}
