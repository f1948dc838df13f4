import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { recordDomainEvent } from '../../journal/domain-events.ts'
import { refused, RegistryError } from '../../registry/errors.ts'
import { isUpstreamFailure, type UpstreamResponse, type UpstreamSource } from '../../registry/upstream.ts'
import { type FeedCounts, readFeedRow } from './feeds.ts'
import { type FeedReading, importFeed, type ImportParts } from './import-feed.ts'
import { readDocuments } from './osv-documents.ts'

export interface RefreshParts extends ImportParts {
  readonly region: string
  /** Where what is fetched stands while it is read. */
  readonly folder: string
}

/** A feed that an operator configured, or names now. */
export interface FeedSource {
  /** What it is called, without any secret. */
  readonly id: string
  readonly at:
    | { readonly kind: 'path'; readonly path: string }
    | { readonly kind: 'web'; readonly source: UpstreamSource }
  readonly shrinking: FeedReading['shrinking']
}

export type RefreshOutcome =
  | { readonly kind: 'imported'; readonly counts: FeedCounts }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'failed'; readonly error: string }

/** Largest file that is fetched. Unit: bytes. Ours; the largest public export has some 300 MB. */
const FEED_BYTES_MAX = 4 * 1024 ** 3

/** Reads a feed if it has changed. What cannot be read is noted, and raises an alarm the first time; it is no throw. */
export async function refreshFeed(parts: RefreshParts, feed: FeedSource, signal: AbortSignal): Promise<RefreshOutcome> {
  try {
    return feed.at.kind === 'path'
      ? await readPath(parts, feed, feed.at.path, signal)
      : await readWeb(parts, feed, feed.at.source, signal)
  } catch (error) {
    if (signal.aborted || !isFeedFailure(error)) throw error
    await noteFailure(parts, feed, error.message)
    return { kind: 'failed', error: error.message }
  }
}

/** The feed's own fault, or that of the way to it; not ours. */
function isFeedFailure(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  if (error instanceof RegistryError) return error.kind === 'invalid' || error.kind === 'unavailable'
  return (
    isUpstreamFailure(error) ||
    ('code' in error && ['ENOENT', 'EACCES', 'EISDIR', 'ENOTDIR'].includes(String(error.code)))
  )
}

async function readPath(
  parts: RefreshParts,
  feed: FeedSource,
  path: string,
  signal: AbortSignal,
): Promise<RefreshOutcome> {
  const found = await stat(path)
  // Whether anything below a folder has changed, the folder does not say.
  const etag = found.isFile() ? `${found.mtimeMs} ${found.size}` : undefined
  if (etag !== undefined && (await seenBefore(parts, feed))?.etag === etag) return noteUnchanged(parts, feed)
  const reading = { id: feed.id, source: path, documents: readDocuments(path), shrinking: feed.shrinking, signal }
  return { kind: 'imported', counts: await importFeed(parts, { ...reading, validators: { etag } }) }
}

async function readWeb(
  parts: RefreshParts,
  feed: FeedSource,
  source: UpstreamSource,
  signal: AbortSignal,
): Promise<RefreshOutcome> {
  const seen = await seenBefore(parts, feed)
  const headers = {
    ...(seen?.etag && { 'if-none-match': seen.etag }),
    ...(seen?.last_modified && { 'if-modified-since': seen.last_modified }),
  }
  const response = await source.request({ url: source.url, headers, signal })
  if (response.status !== 200) response.body.destroy()
  if (response.status === 304 && seen) return noteUnchanged(parts, feed)
  if (response.status !== 200) throw new RegistryError('unavailable', `${feed.id} answered ${response.status}`)
  const folder = await mkdtemp(join(parts.folder, 'advisories-'))
  try {
    const path = join(folder, 'feed')
    await pipeline(response.body, limitBytes, createWriteStream(path, { mode: 0o600 }), { signal })
    const reading = { id: feed.id, source: feed.id, documents: readDocuments(path), shrinking: feed.shrinking, signal }
    return { kind: 'imported', counts: await importFeed(parts, { ...reading, validators: validatorsOf(response) }) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function* limitBytes(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > FEED_BYTES_MAX) throw refused(`it is larger than ${FEED_BYTES_MAX} bytes`)
    yield chunk
  }
}

function validatorsOf(response: UpstreamResponse): NonNullable<FeedReading['validators']> {
  return { etag: response.header('etag'), lastModified: response.header('last-modified') }
}

/** Only what was read whole may be called unchanged. */
async function seenBefore({ metadata }: RefreshParts, { id }: FeedSource) {
  const row = await readFeedRow(metadata, id)
  return row?.generation === null ? undefined : row
}

async function noteUnchanged({ metadata, clock }: RefreshParts, { id }: FeedSource): Promise<RefreshOutcome> {
  await metadata.write(async ({ tx }) => {
    const change = { checked_at: clock(), failed_at: null, error: null }
    await tx.updateTable('advisory_feeds').set(change).where('id', '=', id).execute()
  })
  return { kind: 'unchanged' }
}

/** What was read last stands. The alarm is raised once, until the feed could be read again. */
async function noteFailure(parts: RefreshParts, { id }: FeedSource, error: string): Promise<void> {
  const { metadata, clock, randomId, region } = parts
  await metadata.write(async (write) => {
    const now = clock()
    const known = await write.tx
      .selectFrom('advisory_feeds')
      .select(['failed_at', 'imported_at'])
      .where('id', '=', id)
      .executeTakeFirst()
    const failure = { failed_at: known?.failed_at ?? now, error: error.slice(0, 1000) }
    await write.tx
      .insertInto('advisory_feeds')
      .values({ id, source: id, ...failure })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(failure))
      .execute()
    if (known && known.failed_at !== null) return
    const importedAt = known?.imported_at ?? null
    const detail = {
      feed: id,
      error: failure.error,
      lastImport: importedAt === null ? null : new Date(importedAt).toISOString(),
    }
    for (const domain of await domainPerOwner(write)) {
      const event = {
        domain,
        detailType: 'Packyard Advisory Feed Failed',
        resources: [],
        detail: { ...detail, packageVersion: '' },
      }
      await recordDomainEvent(write, { region, now, randomId }, event)
    }
  })
}

/** A feed belongs to no domain: each owner of one hears of it once. */
async function domainPerOwner({ tx }: Parameters<Parameters<RefreshParts['metadata']['write']>[0]>[0]) {
  const rows = await tx.selectFrom('domains').select(['id', 'owner', 'name']).orderBy('id').execute()
  return [...new Map(rows.toReversed().map((row) => [row.owner, row])).values()]
}
