import { type Command, Option } from 'commander'
import type { ExitCode } from './exit-codes.ts'
import type { IdentityProgramParts } from './identity-program.ts'
import type { AskingProtocol } from './login/tool.ts'
import { type LoginTool, loginTools } from './login/tools.ts'
import type { GivenFlags } from './program.ts'

/** Which repository is meant. */
export interface GivenRepository {
  readonly domain: string
  readonly domainOwner: string | undefined
  readonly repository: string
  /** Unit: seconds. */
  readonly durationSeconds: string | undefined
}

/** What a tool asks for, and where the answer is to come from. */
export interface GivenQuestion {
  readonly protocol: AskingProtocol
  readonly repository: GivenRepository
  /** The server's address; undefined: as the settings say. */
  readonly server: string | undefined
  /** The program that was called for this, which would only ask us again. */
  readonly self: string | undefined
  readonly words: readonly string[]
}

/** What a user of packages does, with AWS credentials from the environment or those of the data folder. */
export interface LoginCommands {
  login(
    flags: GivenFlags,
    tool: LoginTool,
    repository: GivenRepository,
    way: 'write a token' | 'let it ask',
  ): Promise<ExitCode>
  run(flags: GivenFlags, repository: GivenRepository, command: readonly string[]): Promise<ExitCode>
  credential(flags: GivenFlags, question: GivenQuestion): Promise<ExitCode>
  trust(flags: GivenFlags): Promise<ExitCode>
}

type Options = Readonly<Record<string, string | undefined>>
type LoginProgramParts = Omit<IdentityProgramParts, 'commands'> & { readonly commands: LoginCommands }

export function addLoginCommands(program: Command, parts: LoginProgramParts): void {
  addLogin(program, parts)
  addRun(program, parts)
  addCredential(program, parts)
  const { commands, withSettings, readFlags, end } = parts
  const trust = program.command('trust').description('Say how clients are made to trust our own certificate authority.')
  withSettings(trust).action(async (options: Options) => {
    end(await commands.trust(readFlags(options)))
  })
}

function addLogin(program: Command, { commands, withSettings, readFlags, end }: LoginProgramParts): void {
  const login = program
    .command('login')
    .description("Write a package manager's own configuration for a repository.")
    .addOption(new Option('--tool <tool>', 'the package manager').choices([...loginTools]).makeOptionMandatory())
    .option('--renew', 'write no token, but let the tool ask for one whenever it needs one (cargo always does)')
  withSettings(withRepository(login)).action(async (options: Options) => {
    const way = options['renew'] === undefined ? 'write a token' : 'let it ask'
    end(await commands.login(readFlags(options), options['tool'] as LoginTool, repositoryOf(options), way))
  })
}

function addRun(program: Command, { commands, withSettings, readFlags, end }: LoginProgramParts): void {
  const run = program
    .command('run')
    .description('Log package managers in for one command: packyard run -- npm ci.')
    .argument('<command...>', 'what to run, after --')
  withSettings(withRepository(run)).action(async (command: string[], options: Options) => {
    end(await commands.run(readFlags(options), repositoryOf(options), command))
  })
}

function addCredential(program: Command, { commands, withSettings, readFlags, end }: LoginProgramParts): void {
  const credential = program
    .command('credential')
    .description('Answer a tool that asks for a token; `login --renew` sets it up.')
    .addArgument(program.createArgument('<protocol>', 'how it asks').choices(['token', 'keyring', 'nuget']))
    .argument('[words...]', 'what it asks')
    .option('--server <url>', "the server's address")
    .option('--self <file>', 'the program that the tool called')
  withSettings(withRepository(credential)).action(
    async (protocol: AskingProtocol, words: string[], options: Options) => {
      const { server, self } = options
      const question = { protocol, words, server, self, repository: repositoryOf(options) }
      end(await commands.credential(readFlags(options), question))
    },
  )
}

function withRepository(command: Command): Command {
  return command
    .addOption(new Option('--domain <name>', 'its domain').default('packyard'))
    .addOption(new Option('--repository <name>', 'the repository').default('main'))
    .option('--domain-owner <account>', "the domain's account, where it is not your own")
    .option('--duration-seconds <seconds>', 'how long to be logged in; as long as possible unless given')
}

function repositoryOf(options: Options): GivenRepository {
  return {
    domain: options['domain'] ?? '',
    domainOwner: options['domainOwner'],
    repository: options['repository'] ?? '',
    durationSeconds: options['durationSeconds'],
  }
}
