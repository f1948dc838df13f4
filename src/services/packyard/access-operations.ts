import Type from 'typebox'
import { AccessDeniedError } from '../../access/authorize.ts'
import { refused } from '../../registry/errors.ts'
import { isoTime, text, time } from './fields.ts'
import { operation } from './operation.ts'
import { nothing } from './targets.ts'

/** Questions of one request. Ours. */
const QUESTIONS_MAX = 1000

const principal = Type.Object({
  kind: Type.Enum(['root', 'user', 'role-session', 'federated-user']),
  accountId: Type.String(),
  arn: Type.String(),
  name: Type.String(),
  /** Of temporary credentials. */
  expiresAt: Type.Optional(time),
})

const answer = Type.Object({
  action: Type.String(),
  resource: Type.String(),
  isAllowed: Type.Boolean(),
  /** Why not, for a person. */
  reason: Type.Optional(Type.String()),
})

export const accessOperations = {
  DescribeCaller: operation({
    http: 'GET /packyard/v1/caller',
    summary: 'Says who is calling, and where.',
    action: 'none',
    input: {},
    output: Type.Object({
      principal,
      region: Type.String(),
      partition: Type.String(),
      installationAccount: Type.String(),
    }),
    target: nothing,
    async run({ parts, registry: { arns }, caller: { principal: who } }) {
      const { kind, accountId, arn, userName: name, session } = who
      const ends = session && { expiresAt: isoTime(session.expiresAt) }
      const { installationAccount } = parts
      return { principal: { kind, accountId, arn, name, ...ends }, ...arns, installationAccount }
    },
  }),
  SimulateAccess: operation({
    http: 'POST /packyard/v1/caller/access',
    summary: 'Says which of these actions the caller may do on which of these resources, and why not the others.',
    action: 'none',
    input: {
      actions: Type.Array(text(128), { minItems: 1, maxItems: 100, rule: 'must be a list of 1 to 100 actions' }),
      resources: Type.Array(text(2048), { minItems: 1, maxItems: 100, rule: 'must be a list of 1 to 100 ARNs or "*"' }),
    },
    output: Type.Object({ answers: Type.Array(answer) }),
    target: nothing,
    async run({ registry: { authorizer }, caller, input: { actions, resources } }) {
      if (actions.length * resources.length > QUESTIONS_MAX) {
        throw refused(`actions times resources must be at most ${QUESTIONS_MAX}`)
      }
      const distinct = [...new Set(resources)]
      for (const resource of distinct) await authorizer.prepare(resource)
      const answers = distinct.flatMap((resource) =>
        [...new Set(actions)].map((action) => {
          const decision = authorizer.decide(caller, action, resource)
          const isAllowed = decision.outcome === 'allow'
          if (isAllowed) return { action, resource, isAllowed }
          return {
            action,
            resource,
            isAllowed,
            reason: reasonOf(new AccessDeniedError(caller.principal, action, resource, decision)),
          }
        }),
      )
      return { answers }
    },
  }),
}

/** The words in which the action itself would be refused. */
function reasonOf({ message }: AccessDeniedError): string {
  return message
}
