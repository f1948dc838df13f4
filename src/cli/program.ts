import { Command, CommanderError, Option } from 'commander'
import { addAdvisoryCommands, type AdvisoryCommands } from './advisories-program.ts'
import { addApprovalCommands, type ApprovalCommands } from './approvals-program.ts'
import { addAuditCommands, type AuditCommands } from './audit-program.ts'
import { addEventCommands, type EventCommands } from './events-program.ts'
import { addBackupCommands, type BackupCommands } from './backup-program.ts'
import { addIdentityCommands, type IdentityCommands } from './identity-program.ts'
import { addKeepingCommands, type KeepingCommands } from './keeping-program.ts'
import { addKeyCommands, type KeyCommands } from './keys-program.ts'
import { addLoginCommands, type LoginCommands } from './login-program.ts'
import { CommandError, type ExitCode, exitCodes } from './exit-codes.ts'
import { addRetentionCommands, type RetentionCommands } from './retention-program.ts'
import { addRuleCommands, type RuleCommands } from './rules-program.ts'
import { addExplainPackage, type ExplainCommands } from './explain-program.ts'

/** A setting as the command line knows it. */
export interface SettingFlag {
  readonly name: string
  readonly flag: `--${string}`
  readonly about: string
}

/** What was given for settings on the command line, by setting's name. */
export interface GivenFlags {
  readonly settings: Readonly<Record<string, string>>
  /** `--config` */
  readonly configFile: string | undefined
}

/** What the commands do; each resolves to its exit code, and throws `CommandError` for one line on standard error. */
export interface Commands
  extends AdvisoryCommands,
    ApprovalCommands,
    AuditCommands,
    BackupCommands,
    EventCommands,
    ExplainCommands,
    IdentityCommands,
    KeepingCommands,
    KeyCommands,
    LoginCommands,
    RetentionCommands,
    RuleCommands {
  serve(flags: GivenFlags): Promise<ExitCode>
  env(flags: GivenFlags, form: 'shell' | 'json'): Promise<ExitCode>
  doctor(flags: GivenFlags, form: 'text' | 'json'): Promise<ExitCode>
}

export interface ProgramParts {
  readonly version: string
  readonly flags: readonly SettingFlag[]
  readonly commands: Commands
  readonly writeOut: (text: string) => void
  readonly writeError: (text: string) => void
}

const exitCodeHelp = '\nExit codes: 0 success; 1 it did not work; 2 the command line or a setting is wrong.'

/** Runs one command. `args` are what stands after the program's name. Resolves to the exit code. */
export async function runProgram(parts: ProgramParts, args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.success
  const program = createProgram(parts, (code) => {
    exitCode = code
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.success : exitCodes.usage
    if (!(error instanceof CommandError)) throw error
    parts.writeError(`packyard: ${error.message}\n`)
    return error.exitCode
  }
}

function createProgram(parts: ProgramParts, end: (code: ExitCode) => void): Command {
  const program = new Command('packyard')
    .description('A package repository that speaks AWS CodeArtifact.')
    .version(parts.version)
    .exitOverride()
    .configureOutput({
      writeOut: parts.writeOut,
      writeErr: parts.writeError,
      outputError: (text, write) => write(`packyard: ${text.replace(/^error: /, '')}`),
    })
    .showHelpAfterError(false)
  addServe(program, parts, end)
  addEnv(program, parts, end)
  addDoctor(program, parts, end)
  const shared = {
    commands: parts.commands,
    withSettings: (command: Command) => withSettings(command, parts),
    readFlags: (options: Options) => readFlags(parts, options),
    end,
  }
  addIdentityCommands(program, shared)
  addLoginCommands(program, shared)
  addExplainPackage(program, shared)
  addKeepingCommands(program, shared)
  addEventCommands(program, shared)
  addKeyCommands(program, shared)
  addBackupCommands(program, shared)
  addAuditCommands(program, shared)
  addRetentionCommands(program, shared)
  addAdvisoryCommands(program, shared)
  addRuleCommands(program, shared)
  addApprovalCommands(program, shared)
  return program
}

function addServe(program: Command, parts: ProgramParts, end: (code: ExitCode) => void): void {
  const command = program.command('serve').description('Start the server; the first start makes what is missing.')
  withSettings(command, parts).action(async (options: Options) => {
    end(await parts.commands.serve(readFlags(parts, options)))
  })
}

function addEnv(program: Command, parts: ProgramParts, end: (code: ExitCode) => void): void {
  const command = program
    .command('env')
    .description('Print the variables that point AWS clients here: eval "$(packyard env)".')
    .addOption(new Option('--output <form>', 'how to print').choices(['shell', 'json']).default('shell'))
  withSettings(command, parts).action(async (options: Options) => {
    end(await parts.commands.env(readFlags(parts, options), options['output'] === 'json' ? 'json' : 'shell'))
  })
}

function addDoctor(program: Command, parts: ProgramParts, end: (code: ExitCode) => void): void {
  const command = program
    .command('doctor')
    .description('Look at everything that Packyard needs, and say what is wrong.')
    .addOption(new Option('--output <form>', 'how to print').choices(['text', 'json']).default('text'))
  withSettings(command, parts).action(async (options: Options) => {
    end(await parts.commands.doctor(readFlags(parts, options), options['output'] === 'json' ? 'json' : 'text'))
  })
}

type Options = Readonly<Record<string, string | undefined>>

/** Every command takes every setting, so that they all mean the same installation. */
function withSettings(command: Command, { flags }: ProgramParts): Command {
  command.option('--config <file>', 'file of settings instead of ./packyard.yaml')
  for (const { flag, about } of flags) command.option(`${flag} <value>`, about.replaceAll('`', ''))
  return command
    .allowExcessArguments(false)
    .addHelpText('after', `${exitCodeHelp}\nEvery setting, its values and its default: docs/configuration.md.`)
}

function readFlags({ flags }: ProgramParts, options: Options): GivenFlags {
  const given = flags.map(({ name, flag }) => [name, options[optionKey(flag)]] as const)
  const settings = Object.fromEntries(given.filter((pair): pair is [string, string] => pair[1] !== undefined))
  return { settings, configFile: options['config'] }
}

/** As commander names an option's value: `--public-url` → `publicUrl`. */
function optionKey(flag: string): string {
  return flag.slice(2).replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
