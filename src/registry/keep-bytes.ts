import { setTimeout as sleep } from 'node:timers/promises'

import type { Write } from '../storage/metadata/metadata.ts'
import { RegistryError } from './errors.ts'
import type { RegistryParts } from './parts.ts'

/**
 * Bytes come before the rows that refer to them, so for a moment nothing says that they are needed, and the sweep may be
 * about to remove bytes of the same content. The database decides: each removal raises the domain's generation in the
 * transaction that found the bytes unreferenced. Whoever stores bytes reads the generation first and compares it in the
 * transaction that refers to them.
 */

/** Hashes that one statement names. Ours. */
const CHUNK = 500
/** How often, and for how long, the end of a removal is waited for. Unit: ms. Ours. */
const WAIT_EVERY_MS = 50
const WAIT_MAX_MS = 5_000
/** What a client is told to wait when the bytes must be sent again. Unit: seconds. Ours. */
const RETRY_AFTER_SECONDS = 5

/** Bytes that were made durable, and what was known before that. */
export interface KeptBytes {
  readonly domainId: string
  readonly hashes: readonly string[]
  readonly generation: number
}

/** Makes bytes durable by `commit`. The transaction that refers to them must call `checkKept`. */
export async function keepBytes(
  parts: RegistryParts,
  domainId: string,
  hashes: readonly string[],
  commit: () => Promise<unknown>,
): Promise<KeptBytes> {
  const generation = await untilNotRemoved(parts, domainId, hashes)
  await commit()
  return { domainId, hashes, generation }
}

/** Throws `unavailable` when the sweep may have removed the bytes in between; they have to be sent again then. */
export async function checkKept(write: Write, parts: RegistryParts, kept: KeptBytes): Promise<void> {
  const { domainId, hashes, generation } = kept
  if ((await readGeneration(write.tx, domainId)) === generation) return
  if (await isBeingRemoved(write.tx, domainId, hashes)) throw tryAgain()
  for (const sha256 of hashes) if (!(await parts.blobs.has({ domainId, sha256 }))) throw tryAgain()
}

async function untilNotRemoved(
  { metadata: { db } }: RegistryParts,
  domainId: string,
  hashes: readonly string[],
): Promise<number> {
  for (let waitedMs = 0; waitedMs <= WAIT_MAX_MS; waitedMs += WAIT_EVERY_MS) {
    const generation = await readGeneration(db, domainId)
    if (generation === 0 || !(await isBeingRemoved(db, domainId, hashes))) return generation
    await sleep(WAIT_EVERY_MS)
  }
  throw tryAgain()
}

type Reading = Pick<Write['tx'], 'selectFrom'>

/** 0 while nothing was ever removed. */
async function readGeneration(db: Reading, domainId: string): Promise<number> {
  const row = db.selectFrom('blob_sweeps').select('generation').where('domain_id', '=', domainId)
  return (await row.executeTakeFirst())?.generation ?? 0
}

async function isBeingRemoved(db: Reading, domainId: string, hashes: readonly string[]): Promise<boolean> {
  for (let start = 0; start < hashes.length; start += CHUNK) {
    const found = await db
      .selectFrom('unreferenced_blobs')
      .select('sha256')
      .where('domain_id', '=', domainId)
      .where('sha256', 'in', hashes.slice(start, start + CHUNK))
      .where('state', '=', 'removing')
      .limit(1)
      .executeTakeFirst()
    if (found) return true
  }
  return false
}

function tryAgain(): RegistryError {
  const message = 'the same bytes are being removed as unused at this moment; send them again'
  return new RegistryError('unavailable', message, { retryAfterSeconds: RETRY_AFTER_SECONDS })
}
