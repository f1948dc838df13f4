import { zstdCompress, zstdDecompress } from 'node:zlib'
import { promisify } from 'node:util'
import type { Metadata, Write } from '../storage/metadata/metadata.ts'
import { packageKey, type PackageName } from './names.ts'
import type { Validators } from './upstream.ts'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** What is kept of an upstream's index. `document` is undefined when the upstream has no such package. */
export interface StoredIndex {
  readonly document: Buffer | undefined
  readonly validators: Validators
  /** Unit: ms since 1970, both. */
  readonly changedAt: number
  readonly checkedAt: number
}

/** How long an index may wait in memory before it is written. Unit: ms. Ours. */
const WRITE_DELAY_MS = 200

/** Waiting indexes are written at once beyond this. Unit: bytes, compressed. Ours. */
const WAITING_BYTES_MAX = 8 * 1024 * 1024

/**
 * Keeps upstream indexes across restarts and for other processes. Written a little later and many at a time: an index
 * that is lost can be asked for again, and a cold install brings a thousand of them. Nothing is touched: other processes
 * read it when what they know has grown too old.
 */
export interface UpstreamIndexStore {
  /** `have` is what the caller knows already; its document is not read again when it is still the one stored. */
  read(source: string, name: PackageName, have: StoredIndex | undefined): Promise<StoredIndex | undefined>
  save(source: string, name: PackageName, index: StoredIndex): Promise<void>
  /** The upstream was asked and nothing had changed. */
  confirm(source: string, name: PackageName, checkedAt: number): void
  /** Resolves when all that was saved so far has been written, in its own time. */
  written(): Promise<void>
  /** Writes what waits. */
  flush(): Promise<void>
}

interface Waiting {
  readonly source: string
  readonly name: PackageName
  readonly checkedAt: number
  /** Undefined when only the time of the check changes. */
  readonly change: { readonly row: IndexRow; readonly index: StoredIndex } | undefined
}

interface IndexRow {
  readonly document: Buffer | null
  readonly document_bytes: number
  readonly etag: string | null
  readonly last_modified: string | null
  readonly changed_at: number
}

export function createUpstreamIndexStore(metadata: Metadata): UpstreamIndexStore {
  let waiting = new Map<string, Waiting>()
  let writing = new Map<string, Waiting>()
  let waitingBytes = 0
  let timer: NodeJS.Timeout | undefined
  let lastWrite: Promise<void> = Promise.resolve()
  let nextWrite = Promise.withResolvers<void>()

  const keyOf = (source: string, name: PackageName) => `${source} ${packageKey(name)}`

  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    lastWrite = lastWrite.then(writeWaiting)
    return lastWrite
  }

  const writeWaiting = async () => {
    const done = nextWrite
    nextWrite = Promise.withResolvers()
    try {
      await writeAll()
    } finally {
      done.resolve()
    }
  }

  const writeAll = async () => {
    if (waiting.size === 0) return
    writing = waiting
    waiting = new Map()
    waitingBytes = 0
    try {
      await metadata.write(async (write) => {
        for (const entry of writing.values()) await writeEntry(write, entry)
      })
    } catch {
      // Nothing but a cache is lost; a database that is down shows itself in /readyz and in every real write.
    }
    writing = new Map()
  }

  const wait = (entry: Waiting) => {
    const key = keyOf(entry.source, entry.name)
    waiting.set(key, { ...entry, change: entry.change ?? waiting.get(key)?.change })
    waitingBytes += entry.change?.row.document?.length ?? 0
    timer ??= setTimeout(() => void flush(), WRITE_DELAY_MS).unref()
  }

  return {
    async read(source, name, have) {
      const key = keyOf(source, name)
      const entry = waiting.get(key) ?? writing.get(key)
      if (entry?.change) return { ...entry.change.index, checkedAt: entry.checkedAt }
      return readRow(metadata, source, name, have)
    },
    async save(source, name, index) {
      const row = await rowOf(index)
      wait({ source, name, checkedAt: index.checkedAt, change: { row, index } })
      if (waitingBytes > WAITING_BYTES_MAX) await flush()
    },
    confirm(source, name, checkedAt) {
      wait({ source, name, checkedAt, change: undefined })
    },
    written: async () => (waiting.size > 0 ? nextWrite.promise : lastWrite),
    flush,
  }
}

async function rowOf(index: StoredIndex): Promise<IndexRow> {
  return {
    document: index.document ? await compress(index.document) : null,
    document_bytes: index.document?.length ?? 0,
    etag: index.validators.etag ?? null,
    last_modified: index.validators.lastModified ?? null,
    changed_at: index.changedAt,
  }
}

async function readRow(
  metadata: Metadata,
  source: string,
  name: PackageName,
  have: StoredIndex | undefined,
): Promise<StoredIndex | undefined> {
  const query = metadata.db
    .selectFrom('upstream_indexes')
    .where('source', '=', source)
    .where('format', '=', name.format)
    .where('namespace', '=', name.namespace)
    .where('name', '=', name.name)
  const row = await query.select(['etag', 'last_modified', 'changed_at', 'checked_at']).executeTakeFirst()
  if (!row) return undefined
  if (have && have.changedAt === row.changed_at) return { ...have, checkedAt: row.checked_at }
  const stored = await query.select(['document', 'changed_at']).executeTakeFirst()
  if (stored?.changed_at !== row.changed_at) return undefined
  return {
    document: stored.document ? await decompress(stored.document) : undefined,
    validators: {
      ...(row.etag === null ? {} : { etag: row.etag }),
      ...(row.last_modified === null ? {} : { lastModified: row.last_modified }),
    },
    changedAt: row.changed_at,
    checkedAt: row.checked_at,
  }
}

async function writeEntry(write: Write, entry: Waiting): Promise<void> {
  const { source, name, checkedAt } = entry
  const key = { source, format: name.format, namespace: name.namespace, name: name.name }
  if (!entry.change) {
    await write.tx
      .updateTable('upstream_indexes')
      .set({ checked_at: checkedAt })
      .where('source', '=', source)
      .where('format', '=', name.format)
      .where('namespace', '=', name.namespace)
      .where('name', '=', name.name)
      .execute()
    return
  }
  const values = { ...entry.change.row, checked_at: checkedAt }
  await write.tx
    .insertInto('upstream_indexes')
    .values({ ...key, ...values })
    .onConflict((conflict) => conflict.columns(['source', 'format', 'namespace', 'name']).doUpdateSet(values))
    .execute()
}
