import { type Command, Option } from 'commander'
import type { ExitCode } from './exit-codes.ts'
import type { GivenFlags } from './program.ts'

/** Which package, and where it is looked for. */
export interface GivenPackage {
  readonly name: string
  readonly version: string | undefined
  readonly format: string
  readonly domain: string
  /** Undefined: the only account that has such a domain. */
  readonly domainOwner: string | undefined
  readonly repository: string
}

export interface ExplainCommands {
  explainPackage(flags: GivenFlags, given: GivenPackage, form: 'text' | 'json'): Promise<ExitCode>
}

type Options = Readonly<Record<string, string | undefined>>

export interface ExplainProgramParts {
  readonly commands: ExplainCommands
  /** Adds the options of all settings, and reads them. */
  withSettings(command: Command): Command
  readFlags(options: Options): GivenFlags
  end(code: ExitCode): void
}

/** `explain package`, below an `explain` that another part may have made. */
export function addExplainPackage(
  program: Command,
  { commands, withSettings, readFlags, end }: ExplainProgramParts,
): void {
  const parent =
    program.commands.find((command) => command.name() === 'explain') ??
    program.command('explain').description('Say why something is as it is.')
  const command = parent
    .command('package')
    .description('Say hop by hop why a version of a package is visible in a repository, or what hides it.')
    .argument('<name>', 'the package, as its own client writes it: @acme/tools')
    .argument('[version]', 'one version; all without it')
    .option('--format <format>', 'the package format', 'npm')
    .option('--domain <name>', 'the domain', 'packyard')
    .option('--domain-owner <account>', 'its account, where several have such a domain')
    .option('--repository <name>', 'the repository that a client asks', 'main')
    .addOption(new Option('--output <form>', 'how to print').choices(['text', 'json']).default('text'))
  withSettings(command).action(async (name: string, version: string | undefined) => {
    // An option that `explain` has too is read by `explain`, wherever it stands.
    const options: Options = command.optsWithGlobals()
    const { format = '', domain = '', domainOwner, repository = '' } = options
    const given = { name, version, format, domain, domainOwner, repository }
    end(await commands.explainPackage(readFlags(options), given, options['output'] === 'json' ? 'json' : 'text'))
  })
}
