import { IamError } from '../../access/iam/iam-error.ts'
import { type Decision, evaluate } from '../../access/policy/evaluate.ts'
import type { Identity } from '../../access/identity.ts'
import { principalOf } from '../../access/identity.ts'
import { findEntity } from '../../access/iam/entities.ts'
import { subjectOf } from '../../access/authorize.ts'
import type { IamCall, IamRow } from './row.ts'
import { parameter } from './row.ts'

const outcomes: Readonly<Record<Decision['outcome'], string>> = {
  allow: 'allowed',
  'explicit deny': 'explicitDeny',
  'implicit deny': 'implicitDeny',
}

/** What a user's own policies would say; resource policies are not asked. */
export function simulationRows(identity: Pick<Identity, 'findUser'>): Record<string, IamRow> {
  return {
    SimulatePrincipalPolicy: {
      effect: 'reads',
      resource: parameter('PolicySourceArn'),
      async run(call) {
        const subject = subjectOf(await readUser(identity, call), { namedIds: new Map() })
        const actions = call.input.texts('ActionNames')
        const given = call.input.texts('ResourceArns')
        const resources = given.length === 0 ? ['*'] : given
        const results = actions.flatMap((action) =>
          resources.map((resource) => {
            const target = { resource, owner: undefined, policies: [] }
            const { outcome, statement } = evaluate(subject, target, { action, context: () => undefined })
            return {
              EvalActionName: action,
              EvalResourceName: resource,
              EvalDecision: outcomes[outcome],
              MatchedStatements: statement ? [{ SourcePolicyId: statement.policy }] : [],
              MissingContextValues: [],
            }
          }),
        )
        return { IsTruncated: false, EvaluationResults: results }
      },
    },
  }
}

async function readUser(identity: Pick<Identity, 'findUser'>, { iam, account, input }: IamCall) {
  const arn = input.required('PolicySourceArn')
  const [, name] = /^arn:[\w-]+:iam::\d{12}:user\/(?:.*\/)?([^/]+)$/.exec(arn) ?? []
  const entity = name === undefined ? undefined : await findEntity(iam, iam.metadata.db, 'user', account, name)
  const user = entity?.arn === arn ? await identity.findUser(entity.id) : undefined
  if (user) return principalOf(user, '')
  throw new IamError('missing', `The user ${arn.slice(0, 200)} cannot be found; only users can be simulated.`)
}
