import { type Command, Option } from 'commander'
import type { ExitCode } from './exit-codes.ts'
import type { IdentityProgramParts, OutputForm } from './identity-program.ts'
import type { GivenFlags } from './program.ts'

/** The domain whose rules and approvals are meant. */
export interface GivenDomain {
  readonly domain: string
  /** Undefined: the caller's own account. */
  readonly domainOwner: string | undefined
}

/** A rule as it is given on the command line. */
export interface GivenRule {
  readonly name: string
  readonly kind: string
  readonly mode: string
  readonly packageGroup: string | undefined
  readonly repository: string | undefined
  /** JSON. */
  readonly parameters: string
  readonly description: string | undefined
  readonly contact: string | undefined
}

/** What governs packages, by the API of a server, with AWS credentials as they are found. */
export interface RuleCommands {
  listRuleKinds(flags: GivenFlags, form: OutputForm): Promise<ExitCode>
  listRules(flags: GivenFlags, domain: GivenDomain, form: OutputForm): Promise<ExitCode>
  showRule(flags: GivenFlags, domain: GivenDomain, name: string): Promise<ExitCode>
  putRule(flags: GivenFlags, domain: GivenDomain, rule: GivenRule): Promise<ExitCode>
  deleteRule(flags: GivenFlags, domain: GivenDomain, name: string): Promise<ExitCode>
  listRuleVersions(flags: GivenFlags, domain: GivenDomain, name: string, form: OutputForm): Promise<ExitCode>
  listFindings(flags: GivenFlags, domain: GivenDomain, name: string, form: OutputForm): Promise<ExitCode>
}

type Options = Readonly<Record<string, string | undefined>>
type RuleProgramParts = Omit<IdentityProgramParts, 'commands'> & { readonly commands: RuleCommands }

export function addRuleCommands(program: Command, parts: RuleProgramParts): void {
  const rules = program.command('rules').description('Say which versions of packages may be used.')
  addReading(rules, parts)
  addWriting(rules, parts)
}

function addReading(rules: Command, { commands, withSettings, readFlags, end }: RuleProgramParts): void {
  const kinds = rules.command('kinds').description('List the kinds of rules and their parameters.').addOption(output())
  withSettings(kinds).action(async (options: Options) => {
    end(await commands.listRuleKinds(readFlags(options), formOf(options)))
  })
  const list = withDomain(rules.command('list')).description('List the rules of a domain.').addOption(output())
  withSettings(list).action(async (options: Options) => {
    end(await commands.listRules(readFlags(options), domainOf(options), formOf(options)))
  })
  const show = withDomain(rules.command('show')).argument('<rule>', 'its name').description('Print a rule as JSON.')
  withSettings(show).action(async (name: string, options: Options) => {
    end(await commands.showRule(readFlags(options), domainOf(options), name))
  })
  const history = withDomain(rules.command('history'))
    .argument('<rule>', 'its name')
    .description('List what a rule has been, and who made it so.')
    .addOption(output())
  withSettings(history).action(async (name: string, options: Options) => {
    end(await commands.listRuleVersions(readFlags(options), domainOf(options), name, formOf(options)))
  })
  const findings = withDomain(rules.command('findings'))
    .argument('<rule>', 'its name')
    .description('List what a rule in monitor mode would have held.')
    .addOption(output())
  withSettings(findings).action(async (name: string, options: Options) => {
    end(await commands.listFindings(readFlags(options), domainOf(options), name, formOf(options)))
  })
}

function addWriting(rules: Command, { commands, withSettings, readFlags, end }: RuleProgramParts): void {
  const put = withDomain(rules.command('put'))
    .argument('<rule>', 'its name')
    .description('Make a rule, or change it: put fresh --kind minimum-age --parameters \'{"days": 7}\'.')
    .requiredOption('--kind <kind>', 'what it is about, as `rules kinds` lists them')
    .addOption(new Option('--mode <mode>', 'what it does').choices(['monitor', 'enforce']).default('enforce'))
    .option('--package-group <pattern>', 'for these packages only')
    .option('--repository <name>', 'for this repository only')
    .option('--parameters <json>', 'as its kind wants them', '{}')
    .option('--description <text>', 'what it is for')
    .option('--contact <text>', 'whom to ask; told to everybody who is refused')
  withSettings(put).action(async (name: string, options: Options) => {
    const { kind = '', mode = '', packageGroup, repository, parameters = '{}', description, contact } = options
    const rule = { name, kind, mode, packageGroup, repository, parameters, description, contact }
    end(await commands.putRule(readFlags(options), domainOf(options), rule))
  })
  const remove = withDomain(rules.command('delete')).argument('<rule>', 'its name').description('Delete a rule.')
  withSettings(remove).action(async (name: string, options: Options) => {
    end(await commands.deleteRule(readFlags(options), domainOf(options), name))
  })
}

/** Adds the options that name a domain. */
export function withDomain(command: Command): Command {
  return command
    .option('--domain <name>', 'the domain', 'packyard')
    .option('--domain-owner <account>', "its account, if it is not the caller's")
}

export function domainOf({ domain = 'packyard', domainOwner }: Options): GivenDomain {
  return { domain, domainOwner }
}

export function output(): Option {
  return new Option('--output <form>', 'how to print').choices(['text', 'json']).default('text')
}

export function formOf(options: Options): OutputForm {
  return options['output'] === 'json' ? 'json' : 'text'
}
