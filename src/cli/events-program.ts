import { type Command, Option } from 'commander'
import type { ExitCode } from './exit-codes.ts'
import type { OutputForm } from './identity-program.ts'
import type { GivenFlags } from './program.ts'

/** Which deliveries are meant, as given on the command line. */
export interface GivenDeliveries {
  readonly state: 'pending' | 'dead'
  readonly id?: string | undefined
  readonly account?: string | undefined
  readonly rule?: string | undefined
}

/** What an operator does about events that are on their way. */
export interface EventCommands {
  listDeliveries(flags: GivenFlags, which: GivenDeliveries, form: OutputForm): Promise<ExitCode>
  replayDeliveries(flags: GivenFlags, which: Omit<GivenDeliveries, 'state'>): Promise<ExitCode>
  showSecret(flags: GivenFlags, account: string | undefined, connection: string): Promise<ExitCode>
  rotateSecret(flags: GivenFlags, account: string | undefined, connection: string): Promise<ExitCode>
}

type Options = Readonly<Record<string, string | undefined>>

export interface EventProgramParts {
  readonly commands: EventCommands
  withSettings(command: Command): Command
  readFlags(options: Options): GivenFlags
  end(code: ExitCode): void
}

export function addEventCommands(program: Command, parts: EventProgramParts): void {
  const events = program.command('events').description('See what is on its way to webhooks, and what never arrived.')
  addDeliveries(events, parts)
  addSecrets(events, parts)
}

function addDeliveries(events: Command, { commands, withSettings, readFlags, end }: EventProgramParts): void {
  const list = events
    .command('list')
    .description('List deliveries that were given up, or those that are still on their way.')
    .addOption(new Option('--state <state>', 'which').choices(['pending', 'dead']).default('dead'))
    .option('--account <id>', 'of this account')
    .option('--rule <name>', 'of this rule')
    .addOption(new Option('--output <form>', 'how to print').choices(['text', 'json']).default('text'))
  withSettings(list).action(async (options: Options) => {
    const state = options['state'] === 'pending' ? 'pending' : 'dead'
    const form = options['output'] === 'json' ? 'json' : 'text'
    end(await commands.listDeliveries(readFlags(options), { ...filterOf(options), state }, form))
  })
  const replay = events
    .command('replay')
    .argument('[id]', 'the delivery, as list shows it')
    .description('Send what was given up once more; all of it without id and options.')
    .option('--account <id>', 'of this account')
    .option('--rule <name>', 'of this rule')
  withSettings(replay).action(async (id: string | undefined, options: Options) => {
    end(await commands.replayDeliveries(readFlags(options), { ...filterOf(options), id }))
  })
}

function addSecrets(events: Command, { commands, withSettings, readFlags, end }: EventProgramParts): void {
  const secret = events
    .command('secret')
    .argument('<connection>', 'the name of a connection')
    .description('Print the secret by which messages of a connection are signed.')
    .option('--account <id>', "the connection's account, when there are several")
  withSettings(secret).action(async (name: string, options: Options) => {
    end(await commands.showSecret(readFlags(options), options['account'], name))
  })
  const rotate = events
    .command('rotate-secret')
    .argument('<connection>', 'the name of a connection')
    .description('Make a new secret and print it; the one before signs beside it for a day.')
    .option('--account <id>', "the connection's account, when there are several")
  withSettings(rotate).action(async (name: string, options: Options) => {
    end(await commands.rotateSecret(readFlags(options), options['account'], name))
  })
}

function filterOf(options: Options): Omit<GivenDeliveries, 'state'> {
  return { account: options['account'], rule: options['rule'] }
}
