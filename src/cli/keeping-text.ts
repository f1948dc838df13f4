import { renderTable } from './table.ts'

/** What these functions show, as far as they show it. Times are ms since 1970. */
interface ShownJob {
  readonly kind: string
  readonly state: string
  readonly attempts: number
  readonly dueAt: number
  readonly startedAt: number | undefined
  readonly endedAt: number | undefined
  readonly error: string | undefined
  readonly outcome: unknown
  readonly progress: unknown
}

export function renderJobs(jobs: readonly ShownJob[]): string {
  if (jobs.length === 0) return 'no jobs yet\n'
  const rows = jobs.map((job) => [
    job.kind,
    job.state,
    String(job.attempts),
    job.state === 'waiting' ? time(job.dueAt) : '',
    time(job.startedAt),
    time(job.endedAt),
    job.error ?? shorten(job.state === 'running' ? job.progress : job.outcome),
  ])
  return renderTable(['KIND', 'STATE', 'ATTEMPTS', 'DUE', 'STARTED', 'ENDED', 'RESULT'], rows)
}

interface ShownSweep {
  readonly lookedAtBlobs: number
  readonly unreferencedBlobs: number
  readonly unreferencedBytes: number
  readonly removedBlobs: number
  readonly removedBytes: number
}

export function renderSweep(figures: ShownSweep, verb: 'removed' | 'would be removed'): string {
  const waitingBlobs = figures.unreferencedBlobs - figures.removedBlobs
  const waitingBytes = figures.unreferencedBytes - figures.removedBytes
  return [
    `${figures.lookedAtBlobs} blobs looked at`,
    `${figures.removedBlobs} ${verb}, ${renderBytes(figures.removedBytes)}`,
    `${waitingBlobs} unreferenced and in their grace period, ${renderBytes(waitingBytes)}`,
    '',
  ].join('\n')
}

interface ShownVerify {
  readonly checkedBlobs: number
  readonly checkedBytes: number
  readonly missingBlobs: number
  readonly damagedBlobs: number
  readonly repairedBlobs: number
  readonly extraBlobs: number
  readonly findings: readonly {
    readonly domainId: string
    readonly sha256: string
    readonly damage: string
    readonly detail: string
    readonly repaired: string
  }[]
}

export function renderVerify(report: ShownVerify): string {
  const found = report.findings.map(({ domainId, sha256, damage, detail, repaired }) => {
    return `${damage} ${domainId}/${sha256}: ${detail}${repaired === 'yes' ? '; repaired' : ''}`
  })
  return [
    ...found,
    `${report.checkedBlobs} blobs hashed, ${renderBytes(report.checkedBytes)}`,
    `${report.missingBlobs} missing, ${report.damagedBlobs} damaged, ${report.repairedBlobs} of them repaired`,
    `${report.extraBlobs} stored that nothing refers to`,
    '',
  ].join('\n')
}

export function renderBackup(figures: {
  readonly snapshot: string
  readonly rows: number
  readonly blobs: number
  readonly blobBytes: number
  readonly newBlobs: number
  readonly newBlobBytes: number
}): string {
  return [
    `backup ${figures.snapshot}: ${figures.rows} rows, ${figures.blobs} blobs, ${renderBytes(figures.blobBytes)}`,
    `${figures.newBlobs} blobs were new, ${renderBytes(figures.newBlobBytes)}`,
    'its rows were restored into a database of their own, as a proof',
    '',
  ].join('\n')
}

export function renderRestore(restored: {
  readonly snapshot: string
  readonly rows: number
  readonly blobs: number
  readonly blobBytes: number
}): string {
  const { snapshot, rows, blobs, blobBytes } = restored
  return `restored ${snapshot}: ${rows} rows, ${blobs} blobs, ${renderBytes(blobBytes)}, every blob hashed\n`
}

export function renderMigration(moved: {
  readonly isFinished: boolean
  readonly rows: number
  readonly blobs: number
  readonly copiedBlobs: number
}): string {
  const head = `${moved.rows} rows and ${moved.copiedBlobs} of ${moved.blobs} blobs copied, every blob hashed\n`
  if (!moved.isFinished) return `${head}a server runs: stop it and run this once more, for what has changed since\n`
  return `${head}done: start with the new database as PACKYARD_DATABASE_URL, and the new store as PACKYARD_BLOB_URL\n`
}

export function renderBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']
  const step = bytes < 1024 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1)
  return `${step === 0 ? bytes : (bytes / 1024 ** step).toFixed(1)} ${units[step]}`
}

function time(ms: number | undefined): string {
  return ms === undefined ? '' : `${new Date(ms).toISOString().slice(0, 19)}Z`
}

/** Its numbers: the lists in it are for `--output json`. */
function shorten(outcome: unknown): string {
  if (typeof outcome !== 'object' || outcome === null) return ''
  return Object.entries(outcome)
    .filter(([, value]) => typeof value === 'number')
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}
