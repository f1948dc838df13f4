import type { BackupCommands, GivenTarget } from '../cli/backup-program.ts'
import { CommandError, exitCodes } from '../cli/exit-codes.ts'
import { renderMigration } from '../cli/keeping-text.ts'
import { type Config, parseSetting } from '../config.ts'
import { endFilling } from '../jobs/backup/restore.ts'
import { copyRows, moveBlobs } from '../jobs/backup/move.ts'
import { memoryLocks } from '../storage/locks/memory.ts'
import { keepServersAway, lookAtTarget, rowImportOf } from './fill-database.ts'
import type { KeepingCommandParts } from './keeping-commands.ts'
import { createCounter } from './progress.ts'
import { openRegistry } from './registry.ts'

/**
 * The first time servers may go on: rows and bytes are copied as they are then. The last time nobody serves: what has
 * changed since is copied, and every blob is hashed in its new place.
 */
export function createMigrateCommand(parts: KeepingCommandParts): BackupCommands['migrate'] {
  return async (flags, given, form) => {
    const source = await parts.loadConfig(flags)
    if (source.databaseUrl !== undefined) throw new CommandError('this moves from SQLite; use backup and restore')
    const target = targetOf(source, given)
    await lookAtTarget(target, 'migrate')
    const lock = keepServersAway(source)
    try {
      const moved = await move(source, target, lock ? 'last' : 'first', parts)
      parts.writeOut(form === 'json' ? `${JSON.stringify(moved, undefined, 2)}\n` : renderMigration(moved))
      return exitCodes.success
    } finally {
      lock?.release()
    }
  }
}

function targetOf(source: Config, { database, blobs }: GivenTarget): Config {
  const databaseUrl = parseSetting('databaseUrl', database, '--to')
  return {
    ...source,
    databaseUrl,
    ...(blobs !== undefined && { blobUrl: parseSetting('blobUrl', blobs, '--to-blobs') }),
  }
}

async function move(source: Config, target: Config, time: 'first' | 'last', { writeError }: KeepingCommandParts) {
  const from = await openRegistry(source, memoryLocks())
  try {
    const rows = await copyRows(from.registry, rowImportOf(target))
    const to = await openRegistry(target, memoryLocks())
    try {
      const { metadata, clock } = to.registry
      const { count } = await metadata.db
        .selectFrom('blobs')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      const onProgress = createCounter(writeError, Number(count))
      const report = await moveBlobs(from.stored, { metadata, blobs: to.stored }, onProgress)
      if (report.missingBlobs + report.damagedBlobs > report.repairedBlobs) {
        const [first] = report.findings.filter(({ repaired }) => repaired === 'no')
        throw new CommandError(`blob ${first?.sha256} and perhaps others cannot be copied: run packyard verify first`)
      }
      if (time === 'last') await endFilling({ metadata }, clock())
      return { isFinished: time === 'last', rows, blobs: report.checkedBlobs, copiedBlobs: report.repairedBlobs }
    } finally {
      await to.close()
    }
  } finally {
    await from.close()
  }
}
