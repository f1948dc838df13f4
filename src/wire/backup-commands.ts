import type { BackupCommands, GivenBundle } from '../cli/backup-program.ts'
import { CommandError, type ExitCode, exitCodes } from '../cli/exit-codes.ts'
import type { Form } from '../cli/keeping-program.ts'
import { renderBackup, renderRestore } from '../cli/keeping-text.ts'
import type { Config } from '../config.ts'
import { type BackupFigures, backup } from '../jobs/backup/backup.ts'
import { checkBundle, readFiles } from '../jobs/backup/check-bundle.ts'
import { prove } from '../jobs/backup/prove.ts'
import { endFilling, restoreBlobs, restoreRows } from '../jobs/backup/restore.ts'
import type { JobKind, Json } from '../jobs/job.ts'
import { Bundle } from '../storage/bundle/bundle.ts'
import { BundleDamagedError } from '../storage/bundle/sealed-stream.ts'
import { openSqliteImport } from '../storage/metadata/sqlite/row-import.ts'
import { memoryLocks } from '../storage/locks/memory.ts'
import { readBackupKey, readInstallationFiles, writeInstallationFiles } from './backup-files.ts'
import { keepServersAway, lookAtTarget, rowImportOf } from './fill-database.ts'
import { type KeepingCommandParts, runJob, withRegistry } from './keeping-commands.ts'
import { createMigrateCommand } from './migrate-command.ts'
import { createCounter } from './progress.ts'
import { openRegistry, type OpenedRegistry } from './registry.ts'

/** A person looks when it failed. */
const ATTEMPTS_MAX = 1

export function createBackupCommands(parts: KeepingCommandParts): BackupCommands {
  const show = (value: unknown, text: string, form: Form) =>
    parts.writeOut(form === 'json' ? `${JSON.stringify(value, undefined, 2)}\n` : text)
  return {
    backup: (flags, given, form) =>
      explained(() =>
        withRegistry(parts, flags, async (opened, config) => {
          const kind = await backupKind(config, opened, given)
          const asked = { input: null, progress: 'begin afresh' } as const
          const figures = await runJob(parts, { registry: opened.registry, kinds: [kind] }, kind.name, asked)
          show(figures, renderBackup(figures as unknown as BackupFigures), form)
          return exitCodes.success
        }),
      ),
    restore: (flags, given, form) =>
      explained(async () => {
        const config = await parts.loadConfig(flags)
        const lock = keepServersAway(config)
        if (!lock && config.databaseUrl === undefined) throw new CommandError(`a server runs on ${config.dataDir}`)
        try {
          const restored = await restore(config, given, parts)
          show(restored, renderRestore(restored), form)
          return exitCodes.success
        } finally {
          lock?.release()
        }
      }),
    migrate: createMigrateCommand(parts),
  }
}

/** Runs in the command alone: no server knows the folder or the key. While it runs, nothing is swept. */
async function backupKind(config: Config, { registry, stored }: OpenedRegistry, given: GivenBundle): Promise<JobKind> {
  const key = await readBackupKey(config, given.keyFile, 'make')
  const bundle = await Bundle.openOrMake(given.folder, key)
  return {
    name: 'backup',
    attemptsMax: ATTEMPTS_MAX,
    run: async ({ signal, save }): Promise<Json> => {
      const figures = await backup({
        metadata: registry.metadata,
        blobs: stored,
        bundle,
        files: await readInstallationFiles(config),
        clock: registry.clock,
        signal,
        onProgress: async (reached) => save({ ...reached }),
      })
      const openImport = (file: string) => (version: number) => openSqliteImport(file, version, Math.random)
      await prove(bundle, figures.snapshot, { blobs: given.check === 'all' ? 'read' : 'look for', openImport })
      return { ...figures }
    },
  }
}

/** First all of the backup is read; then the target is looked at; only then anything is written. */
async function restore(config: Config, given: GivenBundle, { writeError }: KeepingCommandParts) {
  const bundle = await Bundle.open(given.folder, await readBackupKey(config, given.keyFile, 'fail'))
  const snapshot = given.snapshot ?? (await bundle.snapshots()).at(-1)
  if (snapshot === undefined) throw new CommandError(`${given.folder} holds no whole backup`)
  writeError(`checking backup ${snapshot}\n`)
  const manifest = await checkBundle(bundle, snapshot, 'read')
  const { begun } = await lookAtTarget(config, 'restore')
  if (begun !== undefined && begun !== snapshot) {
    throw new CommandError(`restoring ${begun} into this database has not ended: go on with --snapshot ${begun}`)
  }
  await writeInstallationFiles(config, await readFiles(bundle, snapshot))
  if (begun === undefined) await restoreRows(bundle, snapshot, manifest, rowImportOf(config))
  const opened = await openRegistry(config, memoryLocks())
  try {
    const { metadata, clock } = opened.registry
    const watching = { signal: new AbortController().signal, onProgress: createCounter(writeError, manifest.blobs) }
    const report = await restoreBlobs(bundle, { metadata, blobs: opened.stored }, watching)
    if (report.missingBlobs + report.damagedBlobs > report.repairedBlobs) {
      throw new CommandError('some blobs could not be stored: run it again')
    }
    await endFilling({ metadata }, clock())
    const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0)
    return { snapshot, rows, blobs: report.checkedBlobs, blobBytes: report.checkedBytes }
  } finally {
    await opened.close()
  }
}

async function explained(run: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof BundleDamagedError) throw new CommandError(error.message, exitCodes.failure, error)
    throw error
  }
}
