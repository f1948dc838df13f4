import { type Command, Option } from 'commander'
import type { ExitCode } from './exit-codes.ts'
import type { OutputForm } from './identity-program.ts'
import type { GivenFlags } from './program.ts'

/** Which records are meant, as given on the command line. */
export interface GivenRecords {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly account?: string | undefined
  readonly user?: string | undefined
  readonly package?: string | undefined
  readonly event?: string | undefined
  readonly limit?: string | undefined
}

/** What an auditor asks the installation itself. */
export interface AuditCommands {
  verifyAudit(flags: GivenFlags, expected: string | undefined, form: OutputForm): Promise<ExitCode>
  exportAudit(flags: GivenFlags, which: GivenRecords): Promise<ExitCode>
  listAudit(flags: GivenFlags, which: GivenRecords, form: OutputForm): Promise<ExitCode>
  usage(flags: GivenFlags, which: GivenUsage, form: 'text' | 'json' | 'csv'): Promise<ExitCode>
}

/** Which counts are meant. */
export interface GivenUsage {
  readonly by: string
  readonly from?: string | undefined
  readonly to?: string | undefined
}

type Options = Readonly<Record<string, string | undefined>>

export interface AuditProgramParts {
  readonly commands: AuditCommands
  withSettings(command: Command): Command
  readFlags(options: Options): GivenFlags
  end(code: ExitCode): void
}

const formOption = () => new Option('--output <form>', 'how to print').choices(['text', 'json']).default('text')
const formOf = (options: Options): OutputForm => (options['output'] === 'json' ? 'json' : 'text')
const timed = (command: Command) =>
  command
    .option('--from <time>', 'as 2026-01-31 or 2026-01-31T10:20:30Z')
    .option('--to <time>', 'likewise; now unless given')

export function addAuditCommands(program: Command, parts: AuditProgramParts): void {
  const audit = program.command('audit').description('Who did what, when and from where; and whether that is all true.')
  addVerify(audit, parts)
  addReading(audit, parts)
  addUsage(program, parts)
}

function addVerify(audit: Command, { commands, withSettings, readFlags, end }: AuditProgramParts): void {
  const verify = audit
    .command('verify')
    .description('Check that no record was changed or removed since it was sealed.')
    .option('--expect <head>', 'what an earlier check printed as its head; the trail must still hold it')
    .addOption(formOption())
  withSettings(verify).action(async (options: Options) => {
    end(await commands.verifyAudit(readFlags(options), options['expect'], formOf(options)))
  })
}

function addReading(audit: Command, { commands, withSettings, readFlags, end }: AuditProgramParts): void {
  const exporting = timed(audit.command('export').description('Print sealed records as JSON lines, oldest first.'))
  withSettings(exporting).action(async (options: Options) => {
    end(await commands.exportAudit(readFlags(options), recordsOf(options)))
  })
  const list = timed(audit.command('list').description('List records, newest first.'))
    .option('--account <id>', 'of what this account did or owns')
    .option('--user <name>', 'of this user or session')
    .option('--package <name>', 'about this package: its name, or its ARN')
    .option('--event <name>', 'of this operation or permission, as ReadFromRepository')
    .option('--limit <count>', 'how many', '50')
    .addOption(formOption())
  withSettings(list).action(async (options: Options) => {
    end(await commands.listAudit(readFlags(options), recordsOf(options), formOf(options)))
  })
}

function addUsage(program: Command, { commands, withSettings, readFlags, end }: AuditProgramParts): void {
  const kinds = ['account', 'domain', 'repository', 'package', 'principal', 'version', 'saved']
  const usage = timed(program.command('usage').description('Requests and bytes, by day and in all.'))
    .addOption(new Option('--by <what>', 'what to add up').choices(kinds).default('repository'))
    .addOption(new Option('--output <form>', 'how to print').choices(['text', 'json', 'csv']).default('text'))
  withSettings(usage).action(async (options: Options) => {
    const { output, by = 'repository', from, to } = options
    const form = output === 'json' || output === 'csv' ? output : 'text'
    end(await commands.usage(readFlags(options), { by, from, to }, form))
  })
}

function recordsOf(options: Options): GivenRecords {
  const { from, to, account, user, event, limit } = options
  return { from, to, account, user, event, limit, package: options['package'] }
}
