import { type Command, Option } from 'commander'
import type { ExitCode } from './exit-codes.ts'
import type { GivenFlags } from './program.ts'

export type Form = 'text' | 'json'

/** Commands that look after what is stored, beside a server that may be running. */
export interface KeepingCommands {
  jobs(flags: GivenFlags, form: Form): Promise<ExitCode>
  gc(flags: GivenFlags, how: 'remove' | 'look', form: Form): Promise<ExitCode>
  verify(flags: GivenFlags, how: GivenVerify, form: Form): Promise<ExitCode>
}

export interface GivenVerify {
  readonly damage: 'repair' | 'report'
  readonly progress: 'go on' | 'begin afresh'
}

type Options = Readonly<Record<string, string | boolean | undefined>>

export interface KeepingProgramParts {
  readonly commands: KeepingCommands
  /** Adds the options of all settings, and reads them. */
  withSettings(command: Command): Command
  readFlags(options: Readonly<Record<string, string | undefined>>): GivenFlags
  end(code: ExitCode): void
}

export function addKeepingCommands(program: Command, parts: KeepingProgramParts): void {
  const { commands, end } = parts
  add(program.command('jobs').description('List background jobs: what waits, runs, is done or has failed.'), parts, {
    run: async (flags, _options, form) => end(await commands.jobs(flags, form)),
  })
  const gc = program.command('gc').description('Remove the bytes that nothing refers to since the grace period.')
  add(gc.option('--dry-run', 'only say what would be removed'), parts, {
    run: async (flags, options, form) => end(await commands.gc(flags, options['dryRun'] ? 'look' : 'remove', form)),
  })
  const verify = program
    .command('verify')
    .description('Hash every stored blob and compare it with the database; an interrupted run goes on where it was.')
    .option('--repair', 'fetch what is missing or damaged again from where it came from')
    .option('--from-start', 'begin afresh instead of going on')
  add(verify, parts, {
    run: async (flags, options, form) => {
      const damage = options['repair'] ? 'repair' : 'report'
      const progress = options['fromStart'] ? 'begin afresh' : 'go on'
      end(await commands.verify(flags, { damage, progress }, form))
    },
  })
}

interface Action {
  run(flags: GivenFlags, options: Options, form: Form): Promise<void>
}

function add(command: Command, { withSettings, readFlags }: KeepingProgramParts, action: Action): void {
  command.addOption(new Option('--output <form>', 'how to print').choices(['text', 'json']).default('text'))
  withSettings(command).action(async (options: Options) => {
    const flags = readFlags(options as Readonly<Record<string, string | undefined>>)
    await action.run(flags, options, options['output'] === 'json' ? 'json' : 'text')
  })
}
