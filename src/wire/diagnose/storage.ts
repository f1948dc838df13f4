import { randomBytes, randomUUID } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { sql } from 'kysely'
import type { Finding } from '../../cli/doctor.ts'
import type { Config } from '../../config.ts'
import type { BlobStore } from '../../storage/blobs/blob-store.ts'
import type { Metadata } from '../../storage/metadata/metadata.ts'
import { schemaVersion } from '../../storage/metadata/migrations.ts'

type Look = Omit<Finding, 'name'>

/** Above it, requests are felt to wait. Unit: ms. Ours. */
const LATENCY_MS_MAX = 50
/** Unit: bytes. */
const PROBE_BYTES = 1024
/** More than this apart, tokens and signatures are refused. Unit: ms. Source: AWS allows five minutes to most signatures. */
export const CLOCK_SKEW_MS_MAX = 60_000

/** How soon it answers, how large it is, and whether its clock is ours. */
export async function describeDatabase(metadata: Metadata, { dataDir }: Pick<Config, 'dataDir'>): Promise<Look> {
  await metadata.check()
  const startedAt = performance.now()
  await metadata.check()
  const latencyMs = performance.now() - startedAt
  const bytes =
    metadata.kind === 'postgres' ? await sizeOfPostgres(metadata) : (await stat(join(dataDir, 'packyard.db'))).size
  const text = `tables of version ${schemaVersion()}, ${(bytes / 1e6).toFixed(0)} MB, answers in ${latencyMs.toFixed(1)} ms`
  if (latencyMs <= LATENCY_MS_MAX) return { verdict: 'ok', text }
  return { verdict: 'note', text: `${text}: slow; is it far away, or busy?` }
}

async function sizeOfPostgres({ db }: Metadata): Promise<number> {
  const { rows } = await sql<{ bytes: string }>`select pg_database_size(current_database()) as bytes`.execute(db)
  return Number(rows[0]?.bytes ?? 0)
}

export async function lookAtDatabaseClock({ db, kind }: Metadata): Promise<Look> {
  if (kind === 'sqlite') return { verdict: 'ok', text: "this machine's own" }
  const before = Date.now()
  const { rows } = await sql<{ ms: string }>`select extract(epoch from clock_timestamp()) * 1000 as ms`.execute(db)
  return judgeClock('the database', Number(rows[0]?.ms), (before + Date.now()) / 2)
}

/** `theirs` and `ours`: ms since 1970. */
export function judgeClock(whose: string, theirs: number, ours: number): Look {
  const seconds = Math.round((ours - theirs) / 1000)
  const text =
    seconds === 0 ? `as that of ${whose}` : `${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} ${whose}`
  if (Math.abs(ours - theirs) <= CLOCK_SKEW_MS_MAX) return { verdict: 'ok', text }
  return { verdict: 'problem', text: `${text}: set it by NTP, as tokens and signatures are refused` }
}

/** Writes a kilobyte into a domain of its own, reads it and removes it. */
export async function probeStore(store: BlobStore): Promise<void> {
  const bytes = randomBytes(PROBE_BYTES)
  await using staging = await store.stage(randomUUID())
  await pipeline(Readable.from([bytes]), staging.writable)
  await staging.sealed()
  const blob = await staging.commit()
  try {
    const read = await buffer(await store.open(blob))
    if (!read.equals(bytes)) throw new Error('the store gave other bytes than it was given')
  } finally {
    await store.remove(blob)
  }
  if (await store.has(blob)) throw new Error('the store keeps what it was told to remove')
}
