import { statfs } from 'node:fs/promises'
import { readJobFigures, readLastOutcome, readQueueFigures } from '../../jobs/work-figures.ts'
import type { Metadata } from '../../storage/metadata/metadata.ts'
import { schemaVersion } from '../../storage/metadata/migrations.ts'

type Library = typeof import('prom-client')
type PlainGauge = InstanceType<Library['Gauge']>

/** How long what was read is shown again, so that asking often costs little. Unit: ms. Ours. */
const READ_TTL_MS = 5_000

export interface InstallationParts {
  readonly metadata: Metadata
  readonly dataDir: string
  readonly version: string
  readonly store: 'folder' | 's3'
  /** Of the certificate that is served. Unit: ms since 1970. Undefined: plain HTTP. */
  readonly certificateEndsAt: () => number | undefined
  /** Steady. Unit: ms. */
  readonly clock: () => number
}

/** What is the same whichever process is asked: not added up over processes, but shown by the one that answers. */
export function createInstallationMetrics(library: Library, parts: InstallationParts): () => Promise<string> {
  const registry = new library.Registry()
  const gauges = createGauges(library, registry)
  gauges.info.set({ version: parts.version, database: parts.metadata.kind, store: parts.store }, 1)
  gauges.schema.set(schemaVersion())
  let known: Promise<string> | undefined
  let knownUntil = 0
  return () => {
    if (known === undefined || parts.clock() >= knownUntil) {
      knownUntil = Number.POSITIVE_INFINITY
      known = fill(parts, gauges)
        .then(() => registry.metrics())
        .finally(() => {
          knownUntil = parts.clock() + READ_TTL_MS
        })
    }
    return known
  }
}

function createGauges(library: Library, registry: InstanceType<Library['Registry']>) {
  const gauge = (name: string, help: string, labelNames: readonly string[] = []): PlainGauge => {
    const made = new library.Gauge({ name, help, labelNames: [...labelNames], registers: [registry] })
    // Else it would say 0 of what nobody knows yet.
    if (labelNames.length === 0) made.remove()
    return made
  }
  return {
    info: gauge('packyard_info', 'Always 1; the labels say what runs.', ['version', 'database', 'store']),
    schema: gauge('packyard_schema_version', 'Version of the tables that this Packyard knows.'),
    up: gauge('packyard_database_up', '1 when the database answers.'),
    latency: gauge('packyard_database_latency_seconds', 'How long the database took for the smallest question.'),
    jobs: gauge('packyard_jobs', 'Background jobs of the last thirty days, by kind and state.', ['kind', 'state']),
    jobEnds: gauge('packyard_job_last_success_timestamp_seconds', 'When a job of this kind was last done.', ['kind']),
    deliveries: gauge(
      'packyard_event_deliveries_waiting',
      'Deliveries on their way (pending) and given up (dead), and events not looked at yet (unrouted); at most 10000.',
      ['state'],
    ),
    storedBytes: gauge('packyard_storage_bytes', 'Bytes of all assets as stored, each once in its domain.'),
    heldBytes: gauge(
      'packyard_storage_held_bytes',
      'Bytes of all assets as repositories hold them, by the last measure.',
    ),
    blobs: gauge('packyard_storage_blobs', 'Blobs stored, by the last measure.'),
    versions: gauge('packyard_versions', 'Versions that repositories hold, by the last measure.'),
    removedBytes: gauge('packyard_gc_removed_bytes', 'Bytes that the last gc removed.'),
    unreferencedBytes: gauge('packyard_gc_unreferenced_bytes', 'Bytes that the last gc found without a reference.'),
    freeBytes: gauge('packyard_data_free_bytes', 'Bytes free on the disk of the data folder.'),
    certificate: gauge('packyard_certificate_expiry_timestamp_seconds', 'When the certificate that is served ends.'),
  }
}

type Gauges = ReturnType<typeof createGauges>

async function fill(parts: InstallationParts, gauges: Gauges): Promise<void> {
  const endsAt = parts.certificateEndsAt()
  if (endsAt !== undefined) gauges.certificate.set(endsAt / 1000)
  const disk = await statfs(parts.dataDir).catch(() => undefined)
  if (disk) gauges.freeBytes.set(disk.bavail * disk.bsize)
  try {
    await fillFromDatabase(parts, gauges)
    gauges.up.set(1)
  } catch {
    // The other metrics are worth most at such a moment.
    gauges.up.set(0)
  }
}

async function fillFromDatabase({ metadata, clock }: InstallationParts, gauges: Gauges): Promise<void> {
  const { db } = metadata
  const startedAt = clock()
  await metadata.check()
  gauges.latency.set((clock() - startedAt) / 1000)
  gauges.jobs.reset()
  for (const { kind, state, count, endedAt } of await readJobFigures(db)) {
    gauges.jobs.set({ kind, state }, count)
    if (state === 'done' && endedAt !== undefined) gauges.jobEnds.set({ kind }, endedAt / 1000)
  }
  const { pending, dead, unrouted } = await readQueueFigures(db)
  for (const [state, count] of Object.entries({ pending, dead, unrouted })) gauges.deliveries.set({ state }, count)
  await fillStorage(db, gauges)
}

async function fillStorage(db: Metadata['db'], gauges: Gauges): Promise<void> {
  const stored = db.selectFrom('domains').select((eb) => eb.fn.sum<number>('asset_size_bytes').as('bytes'))
  gauges.storedBytes.set(Number((await stored.executeTakeFirst())?.bytes ?? 0))
  const measured = figuresOf(await readLastOutcome(db, 'measure'))
  setWhereKnown(gauges.heldBytes, measured['heldBytes'])
  setWhereKnown(gauges.blobs, measured['blobs'])
  setWhereKnown(gauges.versions, measured['versions'])
  const swept = figuresOf(await readLastOutcome(db, 'gc'))
  setWhereKnown(gauges.removedBytes, swept['removedBytes'])
  setWhereKnown(gauges.unreferencedBytes, swept['unreferencedBytes'])
}

function figuresOf(outcome: unknown): Readonly<Record<string, unknown>> {
  return typeof outcome === 'object' && outcome !== null ? (outcome as Record<string, unknown>) : {}
}

function setWhereKnown(gauge: PlainGauge, figure: unknown): void {
  if (typeof figure === 'number') gauge.set(figure)
}
