import { LRUCache } from 'lru-cache'
import { packagesScope, removalScope } from '../storage/metadata/scopes.ts'
import { readChangedNames, readHeldViews } from './catalogue-rows.ts'
import { RegistryError } from './errors.ts'
import { GrowingText, type TextState } from './growing-text.ts'
import type { PackageName } from './names.ts'
import { listNames } from './package-names.ts'
import type { RegistryParts } from './parts.ts'
import { type Place, sourceOf } from './resolve.ts'
import { searchOrder } from './search-order.ts'
import type { UpstreamSource } from './upstream.ts'
import type { UpstreamIndexes } from './upstream-index.ts'
import type { PackageView } from './view.ts'

/** How a format tells of all packages in one text, to which a line is added with each change. */
export interface CatalogueRules {
  /**
   * The name under which the format's upstream reader gives an upstream's own catalogue; no package can have it. Each
   * catalogue of a format has another one.
   */
  readonly outside: PackageName
  /** What stands before the first line. */
  readonly head: string
  /** What there is of a package that repositories hold. */
  describe(view: PackageView): CatalogueEntry
  /** The lines after which a reader knows `after` instead of `before`; '' where that is the same. */
  renderChange(name: PackageName, before: CatalogueEntry, after: CatalogueEntry): string
  /** The lines of an upstream's catalogue, without what stands before the first. Never throws. */
  readLines(outside: unknown): Buffer
}

export interface CatalogueEntry {
  readonly items: readonly string[]
  /** Differs when what is told of the package elsewhere does. */
  readonly digest: string
}

/** All packages as one text, as it is now. */
export interface Catalogue extends TextState {
  /** When it was last added to. Unit: ms since 1970. */
  readonly changedAt: number
  /** An upstream could not be asked: this is what it said last, or lacks what it would say. */
  readonly isStale: boolean
}

export interface Catalogues {
  /** From memory, as long as nothing has changed. */
  read(place: Place, rules: CatalogueRules): Catalogue | Promise<Catalogue>
}

/** Catalogues kept in memory. Unit: catalogues. Ours. */
const CATALOGUES_MAX = 200

/** Clocks of processes that share a database may differ by this much. Unit: ms. Ours. */
const CLOCK_SLACK_MS = 30_000

/** How long a catalogue that lacks an upstream's is believed. Unit: ms. Ours. */
const OUTAGE_RETRY_MS = 5_000

const nothing: CatalogueEntry = { items: [], digest: '' }

interface Kept {
  readonly key: string
  readonly epoch: number
  readonly freshUntil: number
  readonly log: Log
  readonly catalogue: Catalogue
}

/** A text, and what it says so far. */
interface Log {
  readonly text: GrowingText
  readonly entries: Map<string, CatalogueEntry>
  /** What was taken of each upstream's catalogue, by the upstream's name. */
  readonly outside: Map<string, Buffer>
  /** Packages that changed later are not in it yet. Unit: ms since 1970. */
  seenUntil: number
}

interface Making {
  readonly parts: RegistryParts
  readonly indexes: UpstreamIndexes
  readonly place: Place
  readonly rules: CatalogueRules
}

export function createCatalogues(parts: RegistryParts, indexes: UpstreamIndexes): Catalogues {
  const kept = new LRUCache<string, Kept>({ max: CATALOGUES_MAX })
  const flights = new Map<string, Promise<Catalogue>>()
  return {
    read(place, rules) {
      const domainId = place.topology.domain.id
      const id = `${place.node.id} ${place.format.id} ${rules.outside.name}`
      const { epochs } = parts.metadata
      const epoch = epochs.of(packagesScope(domainId, place.format.id))
      // Whenever one of these changes, the text is begun anew.
      const key = `${place.topology.epoch} ${epochs.of(removalScope(domainId))}`
      const found = kept.get(id)
      const before = found?.key === key ? found : undefined
      if (before?.epoch === epoch && before.freshUntil > parts.clock()) return before.catalogue
      const flightKey = `${id} ${key} ${epoch}`
      const known = flights.get(flightKey)
      if (known) return known
      const earlier = [...flights].filter(([other]) => other.startsWith(`${id} `)).map(([, flight]) => flight)
      const flight = Promise.allSettled(earlier)
        .then(() => refresh({ parts, indexes, place, rules }, sameKey(kept.get(id), key)))
        .then((made) => {
          kept.set(id, { ...made, key, epoch })
          return made.catalogue
        })
        .finally(() => flights.delete(flightKey))
      flights.set(flightKey, flight)
      return flight
    },
  }
}

function sameKey(kept: Kept | undefined, key: string): Kept | undefined {
  return kept?.key === key ? kept : undefined
}

async function refresh(making: Making, before: Kept | undefined): Promise<Omit<Kept, 'key' | 'epoch'>> {
  const { parts } = making
  const outside = await readOutside(making)
  const now = parts.clock()
  const log = before && continues(before.log, outside.lines) ? before.log : newLog(making.rules)
  let added = 0
  for (const [source, lines] of outside.lines) {
    const known = log.outside.get(source)?.length ?? 0
    if (lines.length > known) log.text.append(lines.subarray(known))
    added += lines.length - known
    log.outside.set(source, lines)
  }
  added += log.seenUntil === 0 ? await addAll(making, log) : await addChanges(making, log)
  log.seenUntil = now - CLOCK_SLACK_MS
  const { freshUntil, isStale } = outside
  if (before?.log === log && added === 0 && before.catalogue.isStale === isStale) return { ...before, freshUntil }
  const state = log.text.state()
  return { freshUntil, log, catalogue: { ...state, changedAt: now, isStale } }
}

function newLog(rules: CatalogueRules): Log {
  const text = new GrowingText()
  text.append(Buffer.from(rules.head))
  return { text, entries: new Map(), outside: new Map(), seenUntil: 0 }
}

/** Only if every upstream's catalogue begins with what was taken of it. */
function continues(log: Log, outside: ReadonlyMap<string, Buffer>): boolean {
  for (const [source, taken] of log.outside) {
    const lines = outside.get(source)
    if (lines === taken) continue
    if (!lines || lines.length < taken.length || taken.compare(lines, 0, taken.length) !== 0) return false
  }
  return true
}

interface Outside {
  readonly lines: ReadonlyMap<string, Buffer>
  readonly freshUntil: number
  readonly isStale: boolean
}

async function readOutside({ parts, indexes, place, rules }: Making): Promise<Outside> {
  const lines = new Map<string, Buffer>()
  let freshUntil = Number.POSITIVE_INFINITY
  let isStale = false
  const { upstream } = place.format
  for (const source of sourcesOf(parts, place)) {
    if (!upstream) break
    try {
      const answer = await indexes.read(source, upstream, rules.outside)
      freshUntil = Math.min(freshUntil, answer.freshUntil)
      isStale ||= answer.isStale
      if (answer.content) lines.set(source.name, rules.readLines(answer.content.document))
    } catch (error) {
      if (!(error instanceof RegistryError) || error.kind !== 'unavailable') throw error
      freshUntil = Math.min(freshUntil, parts.clock() + OUTAGE_RETRY_MS)
      isStale = true
    }
  }
  return { lines, freshUntil, isStale }
}

/** The external connections that a read here can reach, nearest first, each once. */
export function sourcesOf(parts: RegistryParts, { topology, node, format }: Place): UpstreamSource[] {
  const find = (id: string) => topology.byId.get(id)
  const steps = searchOrder(node, find, () => true, parts.limits.searchedUpstreamsMax)
  const sources = steps.map((step) => (step.look === 'external' ? sourceOf(parts, step.node, format) : undefined))
  return [...new Set(sources.filter((source) => source !== undefined))]
}

/** Every package once, those that changed first at the beginning: so other processes come to the same text. */
async function addAll(making: Making, log: Log): Promise<number> {
  const { parts, place, rules } = making
  const found: { name: PackageName; entry: CatalogueEntry; updatedAt: number }[] = []
  let after: PackageName | undefined
  for (;;) {
    const names = await listNames(parts, place, after)
    if (names.length === 0) break
    for await (const { view, updatedAt } of readHeldViews(parts, place, names)) {
      const entry = describe(rules, log, view)
      if (entry.items.length > 0) found.push({ name: view.name, entry, updatedAt })
    }
    after = names.at(-1)
  }
  found.sort((left, right) => left.updatedAt - right.updatedAt)
  for (const { name, entry } of found) add(rules, log, name, entry)
  return found.length
}

async function addChanges(making: Making, log: Log): Promise<number> {
  const { parts, place, rules } = making
  const names = await readChangedNames(parts, place, log.seenUntil)
  let added = 0
  for await (const { view } of readHeldViews(parts, place, names)) {
    added += add(rules, log, view.name, describe(rules, log, view))
  }
  return added
}

/** What came from an upstream whose catalogue stands in the text is told there. */
function describe(rules: CatalogueRules, log: Log, view: PackageView): CatalogueEntry {
  const versions = view.versions.filter(({ origin }) => {
    return origin.type !== 'EXTERNAL' || !log.outside.has(origin.entryPoint ?? '')
  })
  return rules.describe({ ...view, versions })
}

function add(rules: CatalogueRules, log: Log, name: PackageName, entry: CatalogueEntry): number {
  const key = `${name.namespace}/${name.name}`
  const before = log.entries.get(key) ?? nothing
  const isSame = before.digest === entry.digest && before.items.join() === entry.items.join()
  if (isSame || (before === nothing && entry.items.length === 0)) return 0
  log.entries.set(key, entry)
  log.text.append(Buffer.from(rules.renderChange(name, before, entry)))
  return 1
}
