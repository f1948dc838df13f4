import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseConfig } from '../../src/config.ts'
import { copyRows, moveBlobs } from '../../src/jobs/backup/move.ts'
import { endFilling } from '../../src/jobs/backup/restore.ts'
import { memoryLocks } from '../../src/storage/locks/memory.ts'
import { lookAtTarget, rowImportOf } from '../../src/wire/fill-database.ts'
import { openRegistry } from '../../src/wire/registry.ts'
import type { Yard } from './ledger.ts'
import { type OpenYard, settingsOf } from './open-yard.ts'

/**
 * Brings a yard to another home, database, keys and bytes, as `packyard migrate` does; it goes on where a kill left it.
 * `last`: nobody writes to the old home any more, and from the end of this on the new one counts.
 */
export async function migrateYard(
  open: OpenYard,
  yard: Yard,
  upstreamUrl: string,
  time: 'first' | 'last',
): Promise<number> {
  const home = yard.home + 1
  const config = parseConfig({ flags: {}, env: settingsOf(yard, upstreamUrl, home), file: undefined })
  // One that was whole just before the kill, and which nobody heard of.
  await lookAtTarget(config, 'migrate').catch(async () => rm(config.dataDir, { recursive: true }))
  await cp(join(yard.folder, `home-${yard.home}`, 'keys'), join(config.dataDir, 'keys'), { recursive: true })
  const { registry, stored } = open.opened
  await copyRows(registry, rowImportOf(config))
  const to = await openRegistry(config, memoryLocks())
  const { metadata, clock } = to.registry
  const { missingBlobs, damagedBlobs, repairedBlobs } = await moveBlobs(
    stored,
    { metadata, blobs: to.stored },
    () => {},
  )
  if (time === 'last' && missingBlobs + damagedBlobs > repairedBlobs) throw new Error('blobs could not be copied')
  if (time === 'last') await endFilling({ metadata }, clock())
  await to.close()
  return home
}
