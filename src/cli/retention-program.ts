import { type Command, Option } from 'commander'
import type { ExitCode } from './exit-codes.ts'
import type { OutputForm } from './identity-program.ts'
import type { GivenFlags } from './program.ts'

/** A domain, as given on the command line. */
export interface GivenDomain {
  readonly domain: string
  readonly domainOwner?: string | undefined
}

export interface GivenHold extends GivenDomain {
  readonly pattern: string
  readonly repository?: string | undefined
  readonly version: string
  readonly against: string
  readonly reason: string
  readonly endsAt?: string | undefined
}

/** What a run is asked for: `preview` only says what would go. */
export interface GivenRun extends GivenDomain {
  readonly rule: string
  readonly purpose: 'preview' | 'enforce'
  /** Versions that are shown. */
  readonly limit: number
}

/** What goes by rule, and what stays whatever a rule says; asked of the running server. */
export interface RetentionCommands {
  addHold(flags: GivenFlags, given: GivenHold, form: OutputForm): Promise<ExitCode>
  listHolds(flags: GivenFlags, given: GivenDomain, form: OutputForm): Promise<ExitCode>
  removeHold(flags: GivenFlags, given: GivenDomain & { readonly id: string }): Promise<ExitCode>
  runRetention(flags: GivenFlags, given: GivenRun, form: OutputForm): Promise<ExitCode>
  confirmRetention(
    flags: GivenFlags,
    given: GivenDomain & { readonly rule: string; readonly versions: number },
    form: OutputForm,
  ): Promise<ExitCode>
  listRetention(flags: GivenFlags, given: GivenDomain & { readonly rule: string }, form: OutputForm): Promise<ExitCode>
}

type Options = Readonly<Record<string, string | undefined>>

export interface RetentionProgramParts {
  readonly commands: RetentionCommands
  withSettings(command: Command): Command
  readFlags(options: Options): GivenFlags
  end(code: ExitCode): void
}

export function addRetentionCommands(program: Command, parts: RetentionProgramParts): void {
  const holds = program.command('holds').description('Keep versions, whatever retention or anybody says.')
  addAdding(holds, parts)
  addHoldList(holds, parts)
  const retention = program.command('retention').description('See what rules remove, and let them.')
  addRuns(retention, parts)
  addConfirming(retention, parts)
  addRunList(retention, parts)
}

const formOption = () => new Option('--output <form>', 'how to print').choices(['text', 'json']).default('text')
const formOf = (options: Options): OutputForm => (options['output'] === 'json' ? 'json' : 'text')
const ofDomain = (command: Command) =>
  command
    .addOption(new Option('--domain <name>', 'the domain').default('packyard'))
    .option('--domain-owner <account>', "the domain's account, where it is not your own")
const domainOf = (options: Options): GivenDomain => ({
  domain: options['domain'] ?? '',
  domainOwner: options['domainOwner'],
})

function addAdding(holds: Command, { commands, withSettings, readFlags, end }: RetentionProgramParts): void {
  const add = ofDomain(holds.command('add'))
    .argument('<pattern>', 'packages, as package groups name them: /npm//left-pad$, /maven/com.acme~, /*')
    .description('Put versions on hold.')
    .requiredOption('--reason <text>', 'why')
    .option('--versions <version>', 'only this one; "*" stands for any text', '*')
    .option('--repository <name>', 'only in this repository')
    .addOption(
      new Option('--against <what>', 'retention, or removal by hand too')
        .choices(['retention', 'removal'])
        .default('retention'),
    )
    .option('--until <time>', 'as 2027-01-31T10:20:30Z; until it is removed unless given')
    .addOption(formOption())
  withSettings(add).action(async (pattern: string, options: Options) => {
    const { repository, versions: version = '*', against = '', reason = '', until: endsAt } = options
    const given = { ...domainOf(options), pattern, repository, version, against, reason, endsAt }
    end(await commands.addHold(readFlags(options), given, formOf(options)))
  })
}

function addHoldList(holds: Command, { commands, withSettings, readFlags, end }: RetentionProgramParts): void {
  const list = ofDomain(holds.command('list').description('List what is on hold, by pattern.')).addOption(formOption())
  withSettings(list).action(async (options: Options) => {
    end(await commands.listHolds(readFlags(options), domainOf(options), formOf(options)))
  })
  const remove = ofDomain(holds.command('remove').argument('<id>', 'the hold, as list shows it'))
  withSettings(remove.description('Take a hold back.')).action(async (id: string, options: Options) => {
    end(await commands.removeHold(readFlags(options), { ...domainOf(options), id }))
  })
}

function addRuns(retention: Command, { commands, withSettings, readFlags, end }: RetentionProgramParts): void {
  const runs = [
    ['preview', 'preview', 'Say what a rule would remove, and what that would free; removes nothing.'],
    ['run', 'enforce', 'Do now what an enforced rule does every night.'],
  ] as const
  for (const [name, purpose, description] of runs) {
    const command = ofDomain(retention.command(name).argument('<rule>', "the rule's name").description(description))
      .option('--limit <versions>', 'show so many', '100')
      .addOption(formOption())
    withSettings(command).action(async (rule: string, options: Options) => {
      const given = { ...domainOf(options), rule, purpose, limit: Number(options['limit']) }
      end(await commands.runRetention(readFlags(options), given, formOf(options)))
    })
  }
}

function addConfirming(retention: Command, { commands, withSettings, readFlags, end }: RetentionProgramParts): void {
  const confirm = ofDomain(retention.command('confirm').argument('<rule>', "the rule's name"))
    .description('Let the last run of a rule remove what it has chosen.')
    .requiredOption('--versions <number>', 'how many that is')
    .addOption(formOption())
  withSettings(confirm).action(async (rule: string, options: Options) => {
    const given = { ...domainOf(options), rule, versions: Number(options['versions']) }
    end(await commands.confirmRetention(readFlags(options), given, formOf(options)))
  })
}

function addRunList(retention: Command, { commands, withSettings, readFlags, end }: RetentionProgramParts): void {
  const list = ofDomain(retention.command('list').argument('<rule>', "the rule's name"))
    .description('List the last runs of a rule, the newest first.')
    .addOption(formOption())
  withSettings(list).action(async (rule: string, options: Options) => {
    end(await commands.listRetention(readFlags(options), { ...domainOf(options), rule }, formOf(options)))
  })
}
