import type { BlobId, BlobStore } from '../../storage/blobs/blob-store.ts'
import type { Metadata } from '../../storage/metadata/metadata.ts'
import { whichUnreferenced } from '../sweep/unreferenced.ts'
import { checkBlob, type Damage } from './check-blob.ts'

/** Blobs read from the database together, and hashed side by side. Ours. */
const PAGE = 200
const SIDE_BY_SIDE = 2
/** Findings that are told in full; the others are counted. Ours. */
const TOLD_MAX = 1_000

export interface VerifyParts {
  readonly metadata: Metadata
  /** Not a cache: what is verified is what is stored. */
  readonly blobs: BlobStore
  readonly signal: AbortSignal
  /** Called after every page, for a later attempt to go on from there. */
  readonly onProgress: (progress: VerifyProgress) => Promise<void>
  /** Tries to get the bytes again. Undefined: nothing is repaired. */
  readonly repair: ((blob: BlobId) => Promise<boolean>) | undefined
}

export interface Finding {
  readonly domainId: string
  readonly sha256: string
  readonly damage: 'missing' | 'damaged'
  readonly detail: string
  readonly repaired: 'yes' | 'no'
}

export interface VerifyReport {
  readonly checkedBlobs: number
  readonly checkedBytes: number
  readonly missingBlobs: number
  readonly damagedBlobs: number
  readonly repairedBlobs: number
  /** Stored, and nothing refers to them: the sweep's business, and no damage. */
  readonly extraBlobs: number
  readonly findings: readonly Finding[]
}

export interface VerifyProgress {
  /** The last blob that was looked at. */
  readonly after: { readonly domainId: string; readonly sha256: string }
  readonly report: VerifyReport
}

export const emptyReport: VerifyReport = {
  checkedBlobs: 0,
  checkedBytes: 0,
  missingBlobs: 0,
  damagedBlobs: 0,
  repairedBlobs: 0,
  extraBlobs: 0,
  findings: [],
}

/** Reads and hashes every blob that something refers to. Goes on from `progress` where there is one. */
export async function verify(parts: VerifyParts, progress: VerifyProgress | undefined): Promise<VerifyReport> {
  let report = progress?.report ?? emptyReport
  for (let after = progress?.after; ; ) {
    parts.signal.throwIfAborted()
    const page = await readPage(parts.metadata.db, after)
    const last = page.at(-1)
    if (!last) return { ...report, extraBlobs: await countExtra(parts) }
    report = addTo(report, await checkPage(parts, page), page)
    after = { domainId: last.domainId, sha256: last.sha256 }
    await parts.onProgress({ after, report })
  }
}

interface BlobRow extends BlobId {
  readonly sizeBytes: number
}

/** In order of the primary key, so that the cost of a page is that of a page. */
async function readPage(db: Metadata['db'], after: VerifyProgress['after'] | undefined): Promise<BlobRow[]> {
  return db
    .selectFrom('blobs')
    .select(['domain_id as domainId', 'sha256', 'size_bytes as sizeBytes'])
    .where(({ eb, refTuple, tuple }) =>
      after === undefined
        ? eb.lit(true)
        : eb(refTuple('domain_id', 'sha256'), '>', tuple(after.domainId, after.sha256)),
    )
    .orderBy('domain_id')
    .orderBy('sha256')
    .limit(PAGE)
    .execute()
}

async function checkPage(parts: VerifyParts, page: readonly BlobRow[]): Promise<Finding[]> {
  const findings: Finding[] = []
  const left = [...page]
  const checkSome = async () => {
    for (let blob = left.shift(); blob !== undefined; blob = left.shift()) {
      parts.signal.throwIfAborted()
      const damage = await checkBlob(parts.blobs, blob, blob.sizeBytes)
      if (damage && (await isStillNeeded(parts, blob))) findings.push(await toFinding(parts, blob, damage))
    }
  }
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, checkSome))
  return findings
}

/** It may have been released, and swept, since the page was read; and rows of a domain that is gone need no bytes. */
async function isStillNeeded({ metadata }: VerifyParts, blob: BlobId): Promise<boolean> {
  return (await whichUnreferenced(metadata.db, [blob])).length === 0
}

async function toFinding(parts: VerifyParts, { domainId, sha256 }: BlobId, damage: Damage): Promise<Finding> {
  const isRepaired = (await parts.repair?.({ domainId, sha256 })) === true
  return { domainId, sha256, damage: damage.kind, detail: damage.detail, repaired: isRepaired ? 'yes' : 'no' }
}

function addTo(report: VerifyReport, found: readonly Finding[], page: readonly BlobRow[]): VerifyReport {
  const count = (test: (finding: Finding) => boolean) => found.filter(test).length
  return {
    checkedBlobs: report.checkedBlobs + page.length,
    checkedBytes: report.checkedBytes + page.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    missingBlobs: report.missingBlobs + count(({ damage }) => damage === 'missing'),
    damagedBlobs: report.damagedBlobs + count(({ damage }) => damage === 'damaged'),
    repairedBlobs: report.repairedBlobs + count(({ repaired }) => repaired === 'yes'),
    extraBlobs: report.extraBlobs,
    findings: [...report.findings, ...found].slice(0, TOLD_MAX),
  }
}

async function countExtra({ blobs, metadata, signal }: VerifyParts): Promise<number> {
  let extra = 0
  for await (const domainId of blobs.domains()) {
    let batch: BlobId[] = []
    const count = async () => {
      if (batch.length > 0) extra += (await whichUnreferenced(metadata.db, batch)).length
      batch = []
    }
    for await (const blob of blobs.list(domainId)) {
      signal.throwIfAborted()
      batch.push(blob)
      if (batch.length >= PAGE) await count()
    }
    await count()
  }
  return extra
}
