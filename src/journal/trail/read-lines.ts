import { type Actor, userIdentity } from '../audit.ts'
import { orderedIds } from '../ordered-ids.ts'
import { type AskedPackage, type AskedRepository, packageFacts } from './package-facts.ts'
import type { SegmentDraft } from './segment.ts'
import { accountsOf, keysOf, type LookupKeys, packageKeysOf, type TrailRecord } from './trail-record.ts'
import type { UsageEntry } from './usage.ts'

type Principal = Actor['principal']

/** A read of packages that went well, as nearly every request is. Holds no more than it must, as many wait. */
export interface NotedRead {
  readonly kind: 'read'
  /** Unit: ms since 1970. */
  readonly at: number
  /** Ours, so that it needs no quoting. */
  readonly requestId: string
  readonly method: 'GET' | 'HEAD'
  readonly path: string
  /** Of the answer's body. */
  readonly bytes: number
  readonly remoteAddress: string
  readonly userAgent: string
  readonly principal: Principal
  readonly repository: AskedRepository
  readonly package: AskedPackage | undefined
  readonly version: string | undefined
}

export interface ReadLineParts {
  readonly region: string
  readonly randomId: () => string
  readonly keyOf: LookupKeys
}

/** Longest that a user agent is kept. Unit: characters. Ours. */
export const AGENT_MAX = 500

/** A principal in a repository. */
interface Place {
  /** Piece of what stands before the time. */
  readonly head: number
  /** Piece of what stands at the end. */
  readonly tail: number
  readonly accounts: readonly string[]
  /** Names that have their keys. */
  readonly packages: Set<string>
  /** By method and path. */
  readonly targets: Map<string, Target>
}

/** What was asked for there. */
interface Target {
  /** Piece. */
  readonly facts: number
  readonly package: AskedPackage | undefined
  readonly version: string | undefined
  readonly usage: UsageEntry & { requests: number; bytes: number }
}

/**
 * Writes reads into a segment. Records share pieces of text and keys with others of the segment: rendering each and
 * looking for its keys one by one would cost more than the read did.
 */
export class ReadLines {
  readonly usage: UsageEntry[] = []
  readonly #parts: ReadLineParts
  readonly #draft: SegmentDraft
  readonly #nextId: () => string
  readonly #places = new Map<Principal, Map<AskedRepository, Place>>()
  readonly #clients = new Map<string, Map<string, number>>()
  #at = 0

  constructor(parts: ReadLineParts, draft: SegmentDraft) {
    this.#parts = parts
    this.#draft = draft
    // One draw for all: the time and the counter before it tell them apart.
    const drawn = parts.randomId()
    this.#nextId = orderedIds(
      () => this.#at,
      () => drawn,
    )
  }

  add(read: NotedRead): void {
    this.#at = read.at
    const place = this.#placeOf(read)
    const { facts, usage } = this.#targetOf(place, read)
    usage.requests += 1
    usage.bytes += read.bytes
    const { head, tail } = place
    const ids = { requestId: read.requestId, eventId: this.#nextId() }
    this.#draft.addShared(read.at, { head, facts, client: this.#clientOf(read), tail, ...ids })
  }

  #clientOf({ userAgent, remoteAddress }: NotedRead): number {
    const byAddress = entryOf(this.#clients, userAgent, () => new Map<string, number>())
    return entryOf(byAddress, remoteAddress, () => {
      return this.#addMembers({ sourceIPAddress: remoteAddress, userAgent: userAgent.slice(0, AGENT_MAX) })
    })
  }

  #addMembers(members: object): number {
    return this.#draft.addPiece(JSON.stringify(members).slice(1, -1))
  }

  #placeOf(read: NotedRead): Place {
    const places = entryOf(this.#places, read.principal, () => new Map<AskedRepository, Place>())
    return entryOf(places, read.repository, () => this.#openPlace(read))
  }

  #openPlace(read: NotedRead): Place {
    const identity = userIdentity(read.principal)
    const record: TrailRecord = {
      ...packageFacts({ ...read, package: undefined }),
      userIdentity: identity,
      awsRegion: this.#parts.region,
      recipientAccountId: read.repository.domain.owner,
      eventID: '',
    }
    const accounts = accountsOf(record)
    this.#draft.addKeys(accounts, keysOf(record, this.#parts.keyOf))
    return {
      head: this.#addMembers({ eventVersion: '1.08', userIdentity: identity }),
      tail: this.#addMembers({ eventType: 'AwsApiCall', recipientAccountId: record.recipientAccountId }),
      accounts,
      packages: new Set(),
      targets: new Map(),
    }
  }

  #targetOf(place: Place, read: NotedRead): Target {
    const name = read.method === 'GET' ? read.path : `HEAD ${read.path}`
    const known = place.targets.get(name)
    if (known && isSame(known, read)) return known
    const target = this.#openTarget(place, read)
    place.targets.set(name, target)
    return target
  }

  #openTarget(place: Place, read: NotedRead): Target {
    const name = read.package?.name
    if (name !== undefined && !place.packages.has(name)) {
      this.#draft.addKeys(place.accounts, packageKeysOf(name, this.#parts.keyOf))
      place.packages.add(name)
    }
    const usage = {
      at: read.at,
      requests: 0,
      bytes: 0,
      account: read.principal.accountId,
      principal: read.principal.arn,
      repository: read.repository,
      package: read.package,
      version: read.version,
    }
    this.usage.push(usage)
    const facts = this.#addMembers({ ...packageFacts(read), awsRegion: this.#parts.region })
    return { facts, package: read.package, version: read.version, usage }
  }
}

/** Names are read from each request anew. */
function isSame(known: Target, read: NotedRead): boolean {
  if (known.version !== read.version) return false
  const [left, right] = [known.package, read.package]
  if (left === right) return true
  return left?.name === right?.name && left?.namespace === right?.namespace && left?.format === right?.format
}

function entryOf<Key, Value>(entries: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = entries.get(key)
  if (known !== undefined) return known
  const made = make()
  entries.set(key, made)
  return made
}
