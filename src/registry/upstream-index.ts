import { LRUCache } from 'lru-cache'
import { RegistryError } from './errors.ts'
import { packageKey, type PackageName } from './names.ts'
import type { RegistryParts } from './parts.ts'
import { isUpstreamFailure, type UpstreamPackage, type UpstreamReader, type UpstreamSource } from './upstream.ts'
import { createUpstreamIndexStore, type StoredIndex, type UpstreamIndexStore } from './upstream-index-store.ts'

/** What an external connection says of a package, as far as we know. */
export interface ExternalPackage {
  /** Undefined: it has no such package. */
  readonly content: UpstreamPackage | undefined
  readonly changedAt: number
  /** Until when it is believed without asking again. Unit: ms since 1970. */
  readonly freshUntil: number
  /** The upstream could not be asked; this is what it said last. */
  readonly isStale: boolean
  /** Of the document that the content was read from. */
  readonly sizeBytes: number
}

export interface UpstreamIndexes {
  /**
   * Asks the upstream when what is known is too old, or older than `since` (ms since 1970; for a version that should be
   * there and is not). Throws `unavailable` when it can't be asked and nothing is known.
   */
  read(source: UpstreamSource, reader: UpstreamReader, name: PackageName, since?: number): Promise<ExternalPackage>
  flush(): Promise<void>
}

interface Known {
  readonly stored: StoredIndex
  readonly content: UpstreamPackage | undefined
  readonly isStale: boolean
  /** Not asked again before this, also after a failure. Unit: ms since 1970. */
  readonly freshUntil: number
}

/** How long a stale index is served before the upstream is tried again. Unit: ms. Ours. */
const STALE_RETRY_MS = 5_000

/** What an entry without a document costs, so that names that do not exist are bounded too. Unit: bytes. */
const ENTRY_BYTES = 512

export function createUpstreamIndexes(parts: RegistryParts): UpstreamIndexes {
  const store = createUpstreamIndexStore(parts.metadata)
  const known = new LRUCache<string, Known>({
    maxSize: parts.caches.upstreamBytesMax,
    sizeCalculation: (entry) => ENTRY_BYTES + (entry.stored.document?.length ?? 0),
  })
  const flights = new Map<string, Promise<Known>>()
  const counts = parts.counts.upstream
  const refreshing = new Set<string>()

  const refreshLater = (at: Look, key: string, stored: StoredIndex, current: Known | undefined) => {
    if (refreshing.has(key)) return
    refreshing.add(key)
    askAlone(at, stored, current)
      .then((entry) => known.set(key, entry))
      // Whoever asks next tries again; until then the old one serves.
      .catch(() => undefined)
      .finally(() => refreshing.delete(key))
  }

  return {
    async read(source, reader, name, since = 0) {
      const sourceKey = `${source.name} ${source.url.href}`
      const key = `${sourceKey} ${packageKey(name)}`
      const current = known.get(key)
      if (current && isFresh(current, parts.clock(), since)) {
        counts.hits++
        return show(current)
      }
      counts.misses++
      let flight = flights.get(key)
      if (!flight) {
        const at = { parts, store, source, sourceKey, reader, name, since }
        flight = look(at, current, (stored) => refreshLater(at, key, stored, current))
          .then((entry) => {
            known.set(key, entry)
            return entry
          })
          .finally(() => flights.delete(key))
        flights.set(key, flight)
      }
      return show(await flight)
    },
    flush: () => store.flush(),
  }
}

/** A stale index is not asked for again before its pause is over, whatever is wanted. */
function isFresh(entry: Known, now: number, since: number): boolean {
  return entry.freshUntil > now && (entry.isStale || entry.stored.checkedAt >= since)
}

function show(entry: Known): ExternalPackage {
  return {
    content: entry.content,
    changedAt: entry.stored.changedAt,
    freshUntil: entry.freshUntil,
    isStale: entry.isStale,
    sizeBytes: entry.stored.document?.length ?? 0,
  }
}

interface Look {
  readonly parts: RegistryParts
  readonly store: UpstreamIndexStore
  readonly source: UpstreamSource
  readonly sourceKey: string
  readonly reader: UpstreamReader
  readonly name: PackageName
  readonly since: number
}

/** First what this or another process stored, then the upstream itself. */
async function look(at: Look, current: Known | undefined, refreshLater: (stored: StoredIndex) => void): Promise<Known> {
  const stored = (await at.store.read(at.sourceKey, at.name, current?.stored)) ?? current?.stored
  const freshUntil = stored ? stored.checkedAt + ttlOf(at, stored) : 0
  if (stored && isNewEnough(at, stored)) return remember(at, stored, freshUntil, current)
  if (stored?.document && at.source.refresh === 'later' && at.since === 0) {
    refreshLater(stored)
    return remember(at, stored, 0, current)
  }
  try {
    return await askAlone(at, stored, current)
  } catch (cause) {
    if (!isOutage(cause)) throw cause
    if (!stored?.document) throw cause instanceof RegistryError ? cause : unavailable(at, cause)
    return { ...remember(at, stored, at.parts.clock() + STALE_RETRY_MS, current), isStale: true }
  }
}

/** An upstream that answers with what makes no sense is as good as down: what it said last is worth more. */
function isOutage(error: unknown): boolean {
  return isUpstreamFailure(error) || (error instanceof RegistryError && error.kind === 'unavailable')
}

function isNewEnough(at: Look, stored: StoredIndex): boolean {
  return stored.checkedAt + ttlOf(at, stored) > at.parts.clock() && stored.checkedAt >= at.since
}

/**
 * One process asks at a time; whoever waited finds what it stored. The turn lasts until that is written, a moment after
 * the answer was given.
 */
async function askAlone(at: Look, stored: StoredIndex | undefined, current: Known | undefined): Promise<Known> {
  const answer = Promise.withResolvers<Known>()
  const turn = at.parts.locks.exclusively(`index ${at.sourceKey} ${packageKey(at.name)}`, async () => {
    const newest = await at.store.read(at.sourceKey, at.name, stored)
    if (newest && newest.checkedAt !== stored?.checkedAt && isNewEnough(at, newest)) {
      answer.resolve(remember(at, newest, newest.checkedAt + ttlOf(at, newest), current))
      return
    }
    answer.resolve(await ask(at, stored, current))
    await at.store.written()
  })
  turn.catch(answer.reject)
  return answer.promise
}

async function ask(at: Look, stored: StoredIndex | undefined, current: Known | undefined): Promise<Known> {
  const seen = stored?.document ? stored.validators : undefined
  const answer = await at.reader.readIndex(at.source, at.name, seen, stored?.document)
  const now = at.parts.clock()
  switch (answer.kind) {
    case 'unchanged': {
      if (!stored) throw new RegistryError('unavailable', `${at.source.name} answered 304 to a first request`)
      at.store.confirm(at.sourceKey, at.name, now)
      const index = { ...stored, checkedAt: now }
      return remember(at, index, now + ttlOf(at, index), current)
    }
    case 'missing': {
      const index: StoredIndex = { document: undefined, validators: {}, changedAt: now, checkedAt: now }
      if (stored && !stored.document) at.store.confirm(at.sourceKey, at.name, now)
      else await at.store.save(at.sourceKey, at.name, index)
      return remember(at, index, now + ttlOf(at, index), undefined)
    }
    case 'changed': {
      const { document, validators } = answer
      const index: StoredIndex = { document, validators, changedAt: now, checkedAt: now }
      const entry = remember(at, index, now + ttlOf(at, index), undefined)
      await at.store.save(at.sourceKey, at.name, index)
      return entry
    }
  }
}

/** Parses only what was not parsed before. A document that makes no sense is the upstream's failure, not ours. */
function remember(at: Look, stored: StoredIndex, freshUntil: number, current: Known | undefined): Known {
  const isSame = current !== undefined && current.stored.changedAt === stored.changedAt
  const content = isSame ? current.content : stored.document && parse(at, stored.document)
  return { stored, content, isStale: false, freshUntil }
}

function parse(at: Look, document: Buffer): UpstreamPackage {
  try {
    return at.reader.parsePackage(document, at.name)
  } catch (cause) {
    throw unavailable(at, cause)
  }
}

function ttlOf(at: Look, stored: StoredIndex): number {
  return stored.document ? at.source.indexTtlMs : Math.min(at.source.indexTtlMs, at.parts.caches.missingTtlMs)
}

function unavailable(at: Look, cause: unknown): RegistryError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new RegistryError('unavailable', `cannot read ${packageKey(at.name)} from ${at.source.name}: ${reason}`, {
    cause,
    retryAfterSeconds: STALE_RETRY_MS / 1000,
  })
}
