import { type Command, Option } from 'commander'
import type { ExitCode } from './exit-codes.ts'
import type { GivenFlags } from './program.ts'

export type OutputForm = 'text' | 'json'

/** Which tokens are meant, as given on the command line. */
export interface GivenTokenFilter {
  readonly tokenId?: string | undefined
  readonly principalArn?: string | undefined
  readonly accessKeyId?: string | undefined
  readonly domain?: string | undefined
}

/** A question to the policy engine. */
export interface Question {
  /** ARN of a user, or of a role. */
  readonly principal: string
  readonly action: string
  readonly resource: string
}

/** What an administrator of the installation does on its own machine, beside a server that may be running. */
export interface IdentityCommands {
  listTokens(flags: GivenFlags, filter: GivenTokenFilter, form: OutputForm): Promise<ExitCode>
  revokeTokens(flags: GivenFlags, filter: GivenTokenFilter, form: OutputForm): Promise<ExitCode>
  createAccount(flags: GivenFlags, account: { readonly id: string; readonly name: string }): Promise<ExitCode>
  createRootKey(flags: GivenFlags, accountId: string): Promise<ExitCode>
  explain(flags: GivenFlags, question: Question, form: OutputForm): Promise<ExitCode>
}

type Options = Readonly<Record<string, string | undefined>>

export interface IdentityProgramParts {
  readonly commands: IdentityCommands
  /** Adds the options of all settings, and reads them. */
  withSettings(command: Command): Command
  readFlags(options: Options): GivenFlags
  end(code: ExitCode): void
}

export function addIdentityCommands(program: Command, parts: IdentityProgramParts): void {
  addTokens(program, parts)
  addAccounts(program, parts)
  addExplain(program, parts)
}

const formOption = () => new Option('--output <form>', 'how to print').choices(['text', 'json']).default('text')

function addTokens(program: Command, { commands, withSettings, readFlags, end }: IdentityProgramParts): void {
  const token = program.command('token').description('See which package tokens are alive, and take them back.')
  const filtered = (command: Command) =>
    withSettings(
      command
        .option('--principal <arn>', 'tokens of this user or session')
        .option('--access-key <id>', 'tokens that this access key made')
        .option('--domain <name>', 'tokens for this domain')
        .addOption(formOption()),
    )
  filtered(token.command('list').description('List package tokens that have not ended.')).action(
    async (options: Options) => {
      end(await commands.listTokens(readFlags(options), filterOf(options), outputForm(options)))
    },
  )
  filtered(
    token.command('revoke').argument('[id]', 'the token, as list shows it').description('Take tokens back.'),
  ).action(async (tokenId: string | undefined, options: Options) => {
    const filter = { ...filterOf(options), tokenId }
    end(await commands.revokeTokens(readFlags(options), filter, outputForm(options)))
  })
}

function filterOf(options: Options): GivenTokenFilter {
  return { principalArn: options['principal'], accessKeyId: options['accessKey'], domain: options['domain'] }
}

function addAccounts(program: Command, { commands, withSettings, readFlags, end }: IdentityProgramParts): void {
  const account = program.command('account').description('Make accounts, each with an administrator of its own.')
  const create = account.command('create').argument('<id>', '12 digits').description('Make an account with user admin.')
  withSettings(create.option('--name <name>', 'a name for people')).action(async (id: string, options: Options) => {
    end(await commands.createAccount(readFlags(options), { id, name: options['name'] ?? id }))
  })
  const key = account.command('root-key').argument('<id>', '12 digits')
  withSettings(key.description("Make an access key of the account's root user, for emergencies.")).action(
    async (id: string, options: Options) => {
      end(await commands.createRootKey(readFlags(options), id))
    },
  )
}

function addExplain(program: Command, { commands, withSettings, readFlags, end }: IdentityProgramParts): void {
  const command = program
    .command('explain')
    .description('Say whether a user or role may do something, and which statement decides.')
    .option('--principal <arn>', 'a user or a role')
    .option('--action <action>', 'as codeartifact:ReadFromRepository')
    .option('--resource <arn>', 'what it is to be done with; * for actions without resource')
    .addOption(formOption())
  withSettings(command).action(async (options: Options) => {
    // Not required options: those would be required of `explain package` too.
    const { principal, action, resource } = options
    if (principal === undefined || action === undefined || resource === undefined) {
      return command.error('error: give --principal, --action and --resource, or a command: explain package')
    }
    end(await commands.explain(readFlags(options), { principal, action, resource }, outputForm(options)))
  })
}

function outputForm(options: Options): OutputForm {
  return options['output'] === 'json' ? 'json' : 'text'
}
