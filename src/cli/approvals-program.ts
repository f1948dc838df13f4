import { type Command, Option } from 'commander'
import type { ExitCode } from './exit-codes.ts'
import type { IdentityProgramParts, OutputForm } from './identity-program.ts'
import type { GivenFlags } from './program.ts'
import { domainOf, formOf, type GivenDomain, output, withDomain } from './rules-program.ts'

/** What is decided, and about what. */
export interface GivenDecision {
  readonly kind: 'approve' | 'deny' | 'break-glass'
  /** As its own client writes it: `@acme/tools`. Undefined where a request says it. */
  readonly name: string | undefined
  /** `*`, a version, or a range. */
  readonly versions: string | undefined
  readonly format: string
  readonly requestId: string | undefined
  readonly repository: string | undefined
  readonly comment: string | undefined
  /** An ISO 8601 duration from now on: `PT4H`. */
  readonly lasting: string | undefined
}

/** What reviewers do, by the API of a server, with AWS credentials as they are found. */
export interface ApprovalCommands {
  listRequests(flags: GivenFlags, domain: GivenDomain, state: string, form: OutputForm): Promise<ExitCode>
  listDecisions(flags: GivenFlags, domain: GivenDomain, form: OutputForm): Promise<ExitCode>
  decide(flags: GivenFlags, domain: GivenDomain, decision: GivenDecision): Promise<ExitCode>
  revokeDecision(flags: GivenFlags, domain: GivenDomain, id: string): Promise<ExitCode>
}

type Options = Readonly<Record<string, string | undefined>>
type ApprovalProgramParts = Omit<IdentityProgramParts, 'commands'> & { readonly commands: ApprovalCommands }

export function addApprovalCommands(program: Command, parts: ApprovalProgramParts): void {
  const approvals = program.command('approvals').description('Decide about packages that rules hold.')
  addLists(approvals, parts)
  addDecision(approvals, parts, 'approve', 'Approve a version, a range of versions or a package.')
  addDecision(approvals, parts, 'deny', 'Deny a version, a range of versions or a package.')
  addDecision(approvals, parts, 'break-glass', 'Let versions pass every rule for some hours; say why with --comment.')
}

function addLists(approvals: Command, { commands, withSettings, readFlags, end }: ApprovalProgramParts): void {
  const list = withDomain(approvals.command('list'))
    .description('List who was refused what, and may be given it by an approval.')
    .addOption(new Option('--state <state>', 'which').choices(['pending', 'approved', 'denied']).default('pending'))
    .addOption(output())
  withSettings(list).action(async (options: Options) => {
    const { state = 'pending' } = options
    end(await commands.listRequests(readFlags(options), domainOf(options), state, formOf(options)))
  })
  const decisions = withDomain(approvals.command('decisions'))
    .description('List what was decided, latest first.')
    .addOption(output())
  withSettings(decisions).action(async (options: Options) => {
    end(await commands.listDecisions(readFlags(options), domainOf(options), formOf(options)))
  })
  const revoke = withDomain(approvals.command('revoke'))
    .argument('<decision>', 'its id, as decisions shows it')
    .description('Take a decision back.')
  withSettings(revoke).action(async (id: string, options: Options) => {
    end(await commands.revokeDecision(readFlags(options), domainOf(options), id))
  })
}

function addDecision(
  approvals: Command,
  { commands, withSettings, readFlags, end }: ApprovalProgramParts,
  kind: GivenDecision['kind'],
  description: string,
): void {
  const command = withDomain(approvals.command(kind))
    .argument('[package]', 'as its own client writes it: @acme/tools')
    .argument('[versions]', "a version, a range as '>=1.2.0 <2.0.0', or '*'")
    .description(description)
    .option('--format <format>', 'the package format', 'npm')
    .option('--request <id>', 'the request that is answered, instead of a package')
    .option('--repository <name>', 'for this repository only')
    .option('--comment <text>', 'why')
    .option('--for <duration>', 'how long it counts, as PT4H or P30D; for good without it')
  withSettings(command).action(async (name: string | undefined, versions: string | undefined, options: Options) => {
    const { format = 'npm', request: requestId, repository, comment, for: lasting } = options
    const decision = { kind, name, versions, format, requestId, repository, comment, lasting }
    end(await commands.decide(readFlags(options), domainOf(options), decision))
  })
}
