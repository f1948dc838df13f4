import { type Command, Option } from 'commander'
import type { ExitCode } from './exit-codes.ts'
import type { IdentityProgramParts } from './identity-program.ts'
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

/** What a user of packages does, with AWS credentials from the environment or those of the data folder. */
export interface LoginCommands {
  login(flags: GivenFlags, tool: LoginTool, repository: GivenRepository): Promise<ExitCode>
  run(flags: GivenFlags, repository: GivenRepository, command: readonly string[]): Promise<ExitCode>
  credentialCargo(flags: GivenFlags, repository: GivenRepository): Promise<ExitCode>
  trust(flags: GivenFlags): Promise<ExitCode>
}

type Options = Readonly<Record<string, string | undefined>>
type LoginProgramParts = Omit<IdentityProgramParts, 'commands'> & { readonly commands: LoginCommands }

export function addLoginCommands(program: Command, parts: LoginProgramParts): void {
  const { commands, withSettings, readFlags, end } = parts
  const login = program.command('login').description("Write a package manager's own configuration for a repository.")
  const tool = new Option('--tool <tool>', 'the package manager').choices([...loginTools]).makeOptionMandatory()
  withSettings(withRepository(login.addOption(tool))).action(async (options: Options) => {
    end(await commands.login(readFlags(options), options['tool'] as LoginTool, repositoryOf(options)))
  })
  const run = program
    .command('run')
    .description('Log npm, pnpm or Yarn in for one command: packyard run -- npm ci.')
    .argument('<command...>', 'what to run, after --')
  withSettings(withRepository(run)).action(async (command: string[], options: Options) => {
    end(await commands.run(readFlags(options), repositoryOf(options), command))
  })
  const cargo = program
    .command('credential-cargo')
    .description("Answer Cargo's questions for tokens; `login --tool cargo` sets it up.")
  withSettings(withRepository(cargo.option('--cargo-plugin', 'as Cargo calls it'))).action(async (options: Options) => {
    end(await commands.credentialCargo(readFlags(options), repositoryOf(options)))
  })
  const trust = program.command('trust').description('Say how clients are made to trust our own certificate authority.')
  withSettings(trust).action(async (options: Options) => {
    end(await commands.trust(readFlags(options)))
  })
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
