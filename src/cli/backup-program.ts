import { type Command, Option } from 'commander'
import type { ExitCode } from './exit-codes.ts'
import type { Form, KeepingProgramParts } from './keeping-program.ts'
import type { GivenFlags } from './program.ts'

/** Commands that copy an installation as a whole. */
export interface BackupCommands {
  backup(flags: GivenFlags, given: GivenBundle, form: Form): Promise<ExitCode>
  restore(flags: GivenFlags, given: GivenBundle, form: Form): Promise<ExitCode>
  migrate(flags: GivenFlags, given: GivenTarget, form: Form): Promise<ExitCode>
}

export interface GivenBundle {
  readonly folder: string
  /** Undefined: in the data folder. */
  readonly keyFile: string | undefined
  /** Undefined: the newest. */
  readonly snapshot: string | undefined
  readonly check: 'all' | 'new'
}

export interface GivenTarget {
  readonly database: string
  /** Undefined: where they are. */
  readonly blobs: string | undefined
}

type Options = Readonly<Record<string, string | undefined>>

export interface BackupProgramParts extends Omit<KeepingProgramParts, 'commands'> {
  readonly commands: BackupCommands
}

export function addBackupCommands(program: Command, parts: BackupProgramParts): void {
  addBackup(program, parts)
  addRestore(program, parts)
  addMigrate(program, parts)
}

const outputOption = () => new Option('--output <form>', 'how to print').choices(['text', 'json']).default('text')
const KEY_FILE = 'file of the key that backups are encrypted with; else keys/backup.key in the data folder'

function addBackup(program: Command, { commands, withSettings, readFlags, end }: BackupProgramParts): void {
  const command = program
    .command('backup')
    .argument('<folder>', 'where backups are kept; the first one makes it')
    .description('Copy everything, encrypted: only what is new after the first time.')
    .option('--key-file <file>', KEY_FILE)
    .addOption(new Option('--check <what>', 'bytes that are read back').choices(['new', 'all']).default('new'))
    .addOption(outputOption())
  withSettings(command).action(async (folder: string, options: Options) => {
    end(await commands.backup(readFlags(options), bundleOf(folder, options), formOf(options)))
  })
}

function addRestore(program: Command, { commands, withSettings, readFlags, end }: BackupProgramParts): void {
  const command = program
    .command('restore')
    .argument('<folder>', 'where backups are kept')
    .description('Make an installation of a backup, where none is yet; nothing is touched unless all of it is good.')
    .option('--key-file <file>', KEY_FILE)
    .option('--snapshot <name>', 'which backup; else the newest')
    .addOption(outputOption())
  withSettings(command).action(async (folder: string, options: Options) => {
    end(await commands.restore(readFlags(options), bundleOf(folder, options), formOf(options)))
  })
}

function addMigrate(program: Command, { commands, withSettings, readFlags, end }: BackupProgramParts): void {
  const command = program
    .command('migrate')
    .description(
      'Move to PostgreSQL, and to another store: once while serving, and once more when the server has stopped.',
    )
    .requiredOption('--to <url>', 'the new database, as postgres://user:password@host:5432/packyard')
    .option('--to-blobs <url>', 'the new store, as PACKYARD_BLOB_URL has it; else the bytes stay where they are')
    .addOption(outputOption())
  withSettings(command).action(async (options: Options) => {
    const target = { database: options['to'] ?? '', blobs: options['toBlobs'] }
    end(await commands.migrate(readFlags(options), target, formOf(options)))
  })
}

function bundleOf(folder: string, options: Options): GivenBundle {
  const check = options['check'] === 'all' ? 'all' : 'new'
  return { folder, keyFile: options['keyFile'], snapshot: options['snapshot'], check }
}

function formOf(options: Options): Form {
  return options['output'] === 'json' ? 'json' : 'text'
}
