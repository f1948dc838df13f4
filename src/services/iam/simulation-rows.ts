import { subjectOf } from '../../access/authorize.ts'
import { readPrincipal } from '../../access/explain.ts'
import type { Identity } from '../../access/identity.ts'
import { IamError } from '../../access/iam/iam-error.ts'
import { type Decision, evaluate, type PolicySubject } from '../../access/policy/evaluate.ts'
import type { Context } from '../../access/policy/template.ts'
import type { Principal } from '../../access/principal.ts'
import { contextOf } from '../../access/request-context.ts'
import type { Input } from './input.ts'
import type { IamRow } from './row.ts'
import { parameter } from './row.ts'

const outcomes: Readonly<Record<Decision['outcome'], string>> = {
  allow: 'allowed',
  'explicit deny': 'explicitDeny',
  'implicit deny': 'implicitDeny',
}

/** What a user's or a role's own policies would say; resource policies are not asked. */
export function simulationRows(identity: Pick<Identity, 'findUser'>, region: string): Record<string, IamRow> {
  return {
    SimulatePrincipalPolicy: {
      effect: 'reads',
      resource: parameter('PolicySourceArn'),
      async run({ iam, account, input }) {
        const arn = input.required('PolicySourceArn')
        if (arn.split(':')[4] !== account) throw missing(arn)
        const principal = await readPrincipal({ iam, identity }, arn)
        const subject = subjectOf(principal, { namedIds: new Map() })
        const given = contextEntries(input)
        const resources = input.texts('ResourceArns')
        const results = input
          .texts('ActionNames')
          .flatMap((action) =>
            (resources.length === 0 ? ['*'] : resources).map((resource) =>
              simulate(subject, { action, resource }, contextFor(principal, given, region, iam.clock())),
            ),
          )
        return { IsTruncated: false, EvaluationResults: results }
      },
    },
  }
}

interface SimulatedContext {
  readonly context: Context
  /** Keys that a policy asked for in vain. */
  readonly missing: ReadonlySet<string>
}

/** Names in lower case. */
type Entries = ReadonlyMap<string, readonly string[]>

function simulate(
  subject: PolicySubject,
  { action, resource }: { readonly action: string; readonly resource: string },
  { context, missing }: SimulatedContext,
) {
  const target = { resource, owner: undefined, policies: [] }
  const { outcome, statement } = evaluate(subject, target, { action, context })
  return {
    EvalActionName: action,
    EvalResourceName: resource,
    EvalDecision: outcomes[outcome],
    MatchedStatements: statement ? [{ SourcePolicyId: statement.policy }] : [],
    MissingContextValues: [...missing],
  }
}

/** What is given wins; then what is known of the principal; nothing is known of a request that nobody made. */
function contextFor(principal: Principal, given: Entries, region: string, now: number): SimulatedContext {
  const missing = new Set<string>()
  const caller = { principal, requestId: '', remoteAddress: '', userAgent: '', isSecure: true }
  const state = { owner: undefined, tags: new Map<string, string>(), namedIds: new Map<string, string>() }
  const known = contextOf({
    caller,
    state,
    region,
    now,
    keys: undefined,
    organizationId: undefined,
    onVolatile: () => {},
  })
  const context: Context = (key) => {
    const value = given.get(key) ?? known(key)
    if (value === undefined) missing.add(key)
    return value
  }
  return { context, missing }
}

/** Source: IAM API Reference, "ContextEntry". */
const CONTEXT_KEY_TYPES = new Set(
  ['string', 'numeric', 'boolean', 'ip', 'binary', 'date'].flatMap((type) => [type, `${type}List`]),
)

function contextEntries(input: Input): Entries {
  const members = input.structures('ContextEntries').map((entry) => {
    const type = entry.optional('ContextKeyType')
    if (type !== undefined && !CONTEXT_KEY_TYPES.has(type)) {
      throw new IamError('invalid', `ContextKeyType: '${type.slice(0, 100)}' is not a type of context keys.`)
    }
    return [entry.required('ContextKeyName').toLowerCase(), entry.texts('ContextKeyValues')] as const
  })
  return new Map(members)
}

function missing(arn: string): IamError {
  return new IamError('missing', `The principal ${arn.slice(0, 200)} cannot be found.`)
}
