import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseConfig } from '../../src/config.ts'
import { copyRows, moveBlobs } from '../../src/jobs/backup/move.ts'
import { endFilling } from '../../src/jobs/backup/restore.ts'
import { memoryLocks } from '../../src/storage/locks/memory.ts'
import { lookAtTarget, rowImportOf } from '../../src/wire/fill-database.ts'
import { openRegistry } from '../../src/wire/registry.ts'
import type { Say, Yard } from './ledger.ts'
import { type OpenYard, settingsOf } from './open-yard.ts'

interface MigrateParts {
  readonly open: OpenYard
  readonly yard: Yard
  readonly say: Say
  readonly upstreamUrl: string
}

/**
 * Brings a yard to another home, database, keys and bytes, as `packyard migrate` does; it goes on where a kill left it.
 * `last`: nobody writes to the old home any more, and from the end of this on the new one counts. Says at each turn that it
 * goes on, so that a kill can be timed.
 */
export async function migrateYard(
  { open, yard, say, upstreamUrl }: MigrateParts,
  time: 'first' | 'last',
): Promise<number> {
  const home = yard.home + 1
  const config = parseConfig({ flags: {}, env: settingsOf(yard, upstreamUrl, home), file: undefined })
  const goesOn = () => say({ told: 'migrating' })
  // One that was whole just before the kill, and which nobody heard of.
  await lookAtTarget(config, 'migrate').catch(async () => rm(config.dataDir, { recursive: true }))
  await cp(join(yard.folder, `home-${yard.home}`, 'keys'), join(config.dataDir, 'keys'), { recursive: true })
  goesOn()
  const { registry, stored } = open.opened
  await copyRows(registry, rowImportOf(config))
  goesOn()
  const to = await openRegistry(config, memoryLocks())
  const { metadata, clock } = to.registry
  const { missingBlobs, damagedBlobs, repairedBlobs } = await moveBlobs(stored, { metadata, blobs: to.stored }, goesOn)
  if (time === 'last' && missingBlobs + damagedBlobs > repairedBlobs) throw new Error('blobs could not be copied')
  goesOn()
  if (time === 'last') await endFilling({ metadata }, clock())
  goesOn()
  await to.close()
  return home
}
