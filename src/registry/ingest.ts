import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Staging, StagedBytes } from '../storage/blobs/blob-store.ts'
import { countOne } from './counts.ts'
import { RegistryError } from './errors.ts'
import { type HeldVersion, readHeldPackages, readHeldVersions } from './held-versions.ts'
import { keepBytes } from './keep-bytes.ts'
import type { Asset } from './model.ts'
import { packageKey, type PackageName } from './names.ts'
import { externalOrigin } from './origin.ts'
import type { RegistryParts } from './parts.ts'
import { checkHolds } from './held.ts'
import type { ExternalStop, Place } from './resolve.ts'
import { learnDates } from './version-dates.ts'
import { retainFetched, retainHeld } from './retain.ts'
import { revisionOf } from './revision.ts'
import type { RepositoryNode } from './topology.ts'
import {
  type Digests,
  isUpstreamFailure,
  type UpstreamAsset,
  type UpstreamResponse,
  type UpstreamVersion,
} from './upstream.ts'

/** One version that nobody in the domain holds yet, and the asset of it that is wanted. */
export interface Wanted {
  readonly place: Place
  readonly name: PackageName
  readonly stop: ExternalStop
  readonly version: UpstreamVersion
  readonly asset: UpstreamAsset
}

/** A fetch under way, however many clients wait for it. */
export interface Flight {
  /** Resolves when bytes begin to come; undefined when another process had stored the version meanwhile. */
  readonly begun: Promise<Begun | undefined>
  /** Resolves when the version is stored, verified and retained for whoever started this. */
  readonly stored: Promise<HeldVersion>
  /** Repositories for which `stored` retains. */
  readonly retainedIn: ReadonlySet<string>
}

export interface Begun {
  /** Undefined when the upstream did not say. */
  readonly sizeBytes: number | undefined
  /** Unit: ms since 1970. */
  readonly publishedAt: number
  /** Reads along from the first byte; undefined once the fetch has ended, well or badly. */
  follow(): Readable | undefined
}

/** One upstream request for an asset at a time, in this and in every other process. */
export function createIngest(parts: RegistryParts): (wanted: Wanted) => Flight {
  const flights = new Map<string, Flight>()
  return (wanted) => {
    const { place, name, stop, version, asset } = wanted
    const domainId = place.topology.domain.id
    const key = `ingest ${domainId} ${stop.source.name} ${packageKey(name)} ${version.version} ${asset.name}`
    const known = flights.get(key)
    if (known) return known
    const flight = start(parts, wanted, key)
    flights.set(key, flight)
    const forget = () => flights.delete(key)
    flight.stored.then(forget, forget)
    return flight
  }
}

function start(parts: RegistryParts, wanted: Wanted, key: string): Flight {
  const nodes = nodesOf(wanted)
  const begun = Promise.withResolvers<Begun | undefined>()
  const stored = parts.locks.exclusively(key, async () => {
    const there = await findStored(parts, wanted)
    if (!there) return fetchAndStore(parts, wanted, nodes, begun.resolve)
    begun.resolve(undefined)
    await retainHeld(parts, { place: wanted.place, nodes, name: wanted.name }, there, wanted.asset.name)
    return there
  })
  // Whoever waits sees the failure; without waiters it is nobody's.
  stored.catch(begun.reject)
  begun.promise.catch(() => undefined)
  return { begun: begun.promise, stored, retainedIn: new Set(nodes.map((node) => node.id)) }
}

/** The connection's repository keeps all that ever came through it; the one that was asked keeps what it asked for. */
export function nodesOf({ place, stop }: Pick<Wanted, 'place' | 'stop'>): RepositoryNode[] {
  return stop.node.id === place.node.id ? [place.node] : [stop.node, place.node]
}

/** What another process, or an earlier flight, stored for the connection's repository. */
async function findStored(parts: RegistryParts, wanted: Wanted): Promise<HeldVersion | undefined> {
  const { place, name, stop, version, asset } = wanted
  const packages = await readHeldPackages(parts.metadata.db, place.topology.domain.id, name)
  const own = packages.filter((held) => held.repositoryId === stop.node.id).map((held) => held.id)
  const [found] = await readHeldVersions(parts.metadata.db, own, version.version)
  return found?.assets.some((held) => held.name === asset.name) ? found : undefined
}

async function fetchAndStore(
  parts: RegistryParts,
  wanted: Wanted,
  nodes: readonly RepositoryNode[],
  begin: (begun: Begun) => void,
): Promise<HeldVersion> {
  await askGates(parts, wanted)
  await using staging = await parts.blobs.stage(wanted.place.topology.domain.id)
  let isOver = false
  using _over = { [Symbol.dispose]: () => void (isOver = true) }
  const follow = () => (isOver ? undefined : staging.follow())
  const fetched = await fetchInto(parts, wanted, staging, (head) => begin({ ...head, follow }))
  const { sealed, publishedAt } = fetched
  verify(wanted, sealed, fetched.digests)
  const kept = await keepBytes(parts, wanted.place.topology.domain.id, [sealed.sha256], () => staging.commit())
  const { name, version, place } = wanted
  const asset: Asset = { name: wanted.asset.name, ...sealed }
  const content = {
    name,
    version: version.version,
    revision: revisionOf(name, version.version, [asset], version.document),
    document: version.document,
    facts: place.format.facts(version.document),
    readme: undefined,
    inspected: 'on demand' as const,
    assets: [asset] as const,
  }
  const origin = externalOrigin(wanted.stop.source.name)
  const retained = await retainFetched(parts, { place, nodes, name }, content, { origin, publishedAt, kept })
  countOne(parts.counts.fetched, place.format.id)
  return retained
}

interface Fetched {
  readonly sealed: StagedBytes
  /** What the upstream says of them. */
  readonly digests: Digests
  /** Unit: ms since 1970. */
  readonly publishedAt: number
}

async function fetchInto(
  parts: RegistryParts,
  wanted: Wanted,
  staging: Staging,
  begin: (head: Omit<Begun, 'follow'>) => void,
): Promise<Fetched> {
  const { stop, asset, place } = wanted
  try {
    const response = await place.format.upstream!.openAsset(stop.source, asset)
    if (response.status !== 200) {
      response.body.destroy()
      throw unavailable(wanted, `it answered ${response.status}`)
    }
    const told = place.format.upstream!.readDigests?.(stop.source, asset, response)
    // Seen below, unless the asset itself fails first.
    told?.catch(() => undefined)
    const publishedAt = publishedAtOf(parts, wanted, response)
    begin({ sizeBytes: contentLength(response.header('content-length')), publishedAt })
    await pipeline(response.body, limitBytes(wanted, parts.limits.assetBytesMax), staging.writable)
    return { sealed: await staging.sealed(), digests: { ...asset.digests, ...(await told) }, publishedAt }
  } catch (cause) {
    if (!isUpstreamFailure(cause)) throw cause
    throw unavailable(wanted, cause instanceof Error ? cause.message : String(cause), cause)
  }
}

/** As the index says, else as old as the file is there, else new. */
function publishedAtOf(parts: RegistryParts, { version }: Wanted, response: UpstreamResponse): number {
  const now = parts.clock()
  const modifiedAt = Date.parse(response.header('last-modified') ?? '')
  return version.publishedAt ?? (modifiedAt >= 0 && modifiedAt <= now ? modifiedAt : now)
}

function contentLength(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : undefined
}

function limitBytes(wanted: Wanted, bytesMax: number) {
  return async function* limited(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let bytes = 0
    for await (const chunk of source) {
      bytes += chunk.length
      if (bytes > bytesMax) throw unavailable(wanted, `it is larger than the ${bytesMax} bytes that an asset may have`)
      yield chunk
    }
  }
}

/** The strongest digest that the upstream's own index gives must be the digest of what came. */
function verify(wanted: Wanted, sealed: StagedBytes, digests: Digests): void {
  const algorithm = (['sha512', 'sha256', 'sha1', 'md5'] as const).find((name) => digests[name] !== undefined)
  if (!algorithm || digests[algorithm] === sealed[algorithm]) return
  throw unavailable(wanted, `its ${algorithm} is ${sealed[algorithm]}, and the upstream says ${digests[algorithm]}`)
}

/** As if the connection's own repository had been asked: nothing is kept there that its rules hold. */
async function askGates(parts: RegistryParts, { place, name, stop, version }: Wanted): Promise<void> {
  const at = { ...place, node: stop.node }
  const gate = await parts.gates.of(at, name)
  if (!gate) return
  const { document } = version
  const isLearnt = version.publishedAt === undefined && gate.wantsDates
  const publishedAt = isLearnt
    ? (await learnDates(parts, place, stop, name, version.version)).get(version.version)
    : version.publishedAt
  const origin = externalOrigin(stop.source.name)
  const candidate = {
    action: 'ingest',
    version: version.version,
    holder: stop.node,
    origin,
    publishedAt,
    document,
  } as const
  checkHolds(at, name, version.version, gate.judge(candidate))
}

function unavailable({ name, stop, version, asset }: Wanted, reason: string, cause?: unknown): RegistryError {
  const what = `${asset.name} of ${packageKey(name)} ${version.version}`
  return new RegistryError('unavailable', `cannot fetch ${what} from ${stop.source.name}: ${reason}`, { cause })
}
