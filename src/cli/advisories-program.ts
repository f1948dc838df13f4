import { type Command, Option } from 'commander'
import type { ExitCode } from './exit-codes.ts'
import type { OutputForm } from './identity-program.ts'
import type { GivenFlags } from './program.ts'

export interface GivenImport {
  readonly path: string
  /** What the feed is called; its path without it. */
  readonly feed: string | undefined
  readonly shrinking: 'refused' | 'allowed'
}

/** A package, or one version of it. */
export interface GivenSubject {
  readonly format: string
  readonly name: string
  readonly version?: string | undefined
}

/** A repository whose versions are held against what is known. */
export interface GivenPlace {
  readonly domain: string
  readonly domainOwner: string | undefined
  /** Undefined: all of the domain. */
  readonly repository: string | undefined
}

/** What is known of vulnerabilities, and of licences. */
export interface AdvisoryCommands {
  importAdvisories(flags: GivenFlags, given: GivenImport, form: OutputForm): Promise<ExitCode>
  refreshAdvisories(flags: GivenFlags, form: OutputForm): Promise<ExitCode>
  showFeeds(flags: GivenFlags, form: OutputForm): Promise<ExitCode>
  removeFeed(flags: GivenFlags, feed: string): Promise<ExitCode>
  listAdvisories(flags: GivenFlags, given: GivenSubject, form: OutputForm): Promise<ExitCode>
  showAdvisory(flags: GivenFlags, id: string, form: OutputForm): Promise<ExitCode>
  matchAdvisories(flags: GivenFlags, given: GivenPlace, form: OutputForm): Promise<ExitCode>
  listLicences(flags: GivenFlags, given: GivenPlace, form: OutputForm): Promise<ExitCode>
}

type Options = Readonly<Record<string, string | boolean | undefined>>

export interface AdvisoryProgramParts {
  readonly commands: AdvisoryCommands
  withSettings(command: Command): Command
  readFlags(options: Readonly<Record<string, string | undefined>>): GivenFlags
  end(code: ExitCode): void
}

export function addAdvisoryCommands(program: Command, parts: AdvisoryProgramParts): void {
  const { commands, end } = parts
  const advisories = program
    .command('advisories')
    .description('What is known of vulnerabilities, and where it is from.')
  addFeeds(advisories, parts)
  const list = advisories
    .command('list')
    .description('List what is known of a package, or of one version of it; fails when there is anything.')
    .argument('<format>', 'npm, pypi, maven, …')
    .argument('<package>', 'as its own client writes it: @acme/tools, org.acme:tools')
    .argument('[version]', 'only what is about this version')
  add(list, parts, async (flags, _options, form, [format = '', name = '', version]) =>
    end(await commands.listAdvisories(flags, { format, name, version }, form)),
  )
  const show = advisories.command('show').description('Show one advisory.').argument('<id>', 'GHSA-…, CVE-…, PYSEC-…')
  add(show, parts, async (flags, _options, form, [id = '']) => end(await commands.showAdvisory(flags, id, form)))
  const match = advisories
    .command('match')
    .description('Hold every version that is kept against what is known; fails when anything is found.')
  add(atPlace(match), parts, async (flags, options, form) =>
    end(await commands.matchAdvisories(flags, placeOf(options), form)),
  )
  const licences = program.command('licences').description('What the metadata of versions says of their licences.')
  const listed = licences
    .command('list')
    .description('Count versions by licence, as SPDX writes it where it can be told.')
  add(atPlace(listed), parts, async (flags, options, form) =>
    end(await commands.listLicences(flags, placeOf(options), form)),
  )
}

function addFeeds(advisories: Command, parts: AdvisoryProgramParts): void {
  const { commands, end } = parts
  const read = advisories
    .command('import')
    .description('Read OSV records; what was read before under this name is replaced when all of it could be read.')
    .argument('<path>', 'a zip, a folder or a JSON file')
    .option('--feed <name>', 'what the feed is called, instead of its path')
    .option('--allow-shrinking', 'also when it holds less than half of what it held before')
  add(read, parts, async (flags, options, form, [path = '']) => {
    const shrinking = options['allowShrinking'] === true ? 'allowed' : 'refused'
    end(await commands.importAdvisories(flags, { path, feed: textOf(options['feed']), shrinking }, form))
  })
  const refresh = advisories
    .command('refresh')
    .description('Ask the configured sources now, and look at versions in use.')
  add(refresh, parts, async (flags, _options, form) => end(await commands.refreshAdvisories(flags, form)))
  const status = advisories.command('status').description('Show the feeds: how old they are, and what they hold.')
  add(status, parts, async (flags, _options, form) => end(await commands.showFeeds(flags, form)))
  const remove = advisories.command('remove').description('Forget a feed.').argument('<feed>', 'as status shows it')
  add(remove, parts, async (flags, _options, _form, [feed = '']) => end(await commands.removeFeed(flags, feed)))
}

function atPlace(command: Command): Command {
  return command
    .option('--domain <name>', 'the domain', 'packyard')
    .option('--domain-owner <account>', 'its account, where several have such a domain')
    .option('--repository <name>', 'one repository; all of the domain without it')
}

function placeOf(options: Options): GivenPlace {
  const [domain, domainOwner, repository] = ['domain', 'domainOwner', 'repository'].map((name) => textOf(options[name]))
  return { domain: domain ?? '', domainOwner, repository }
}

function textOf(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

type Action = (flags: GivenFlags, options: Options, form: OutputForm, given: readonly string[]) => Promise<void>

function add(command: Command, { withSettings, readFlags }: AdvisoryProgramParts, run: Action): void {
  command.addOption(new Option('--output <form>', 'how to print').choices(['text', 'json']).default('text'))
  withSettings(command).action(async () => {
    const options: Options = command.opts()
    const flags = readFlags(options as Readonly<Record<string, string | undefined>>)
    await run(flags, options, options['output'] === 'json' ? 'json' : 'text', command.processedArgs as string[])
  })
}
