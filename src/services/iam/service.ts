import type { Authorizer, DecisionOptions } from '../../access/authorize.ts'
import type { IamParts } from '../../access/iam/parts.ts'
import type { Identity } from '../../access/identity.ts'
import type { Caller } from '../../access/principal.ts'
import { recordAudit } from '../../journal/audit.ts'
import type { QueryOperation, QueryService } from '../service.ts'
import { accountRows } from './account-rows.ts'
import { attachmentRows } from './attachment-rows.ts'
import { groupRows } from './group-rows.ts'
import { Input } from './input.ts'
import { policyRows } from './policy-rows.ts'
import { roleRows } from './role-rows.ts'
import type { IamRow } from './row.ts'
import { simulationRows } from './simulation-rows.ts'
import { tagRows } from './tag-rows.ts'
import { userRows } from './user-rows.ts'

export interface IamServiceParts {
  readonly iam: IamParts
  readonly identity: Pick<Identity, 'findUser'>
  readonly authorizer: Authorizer
  readonly region: string
  readonly randomId: () => string
}

/** Parameters that audit records show. Never a policy, a secret or a key. */
const SHOWN = ['UserName', 'GroupName', 'RoleName', 'PolicyName', 'PolicyArn', 'AccessKeyId', 'Status', 'Url'] as const

/** Identity and Access Management. Source of version and namespace: IAM service model. */
export function createIamService(parts: IamServiceParts): QueryService {
  const rows: Readonly<Record<string, IamRow>> = {
    ...userRows,
    ...tagRows,
    ...groupRows,
    ...roleRows,
    ...policyRows,
    ...attachmentRows,
    ...accountRows,
    ...simulationRows(parts.identity, parts.region),
  }
  return {
    protocol: 'query',
    name: 'iam',
    version: '2010-05-08',
    xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    operations: Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, toOperation(parts, name, row)])),
  }
}

function toOperation(parts: IamServiceParts, name: string, row: IamRow): QueryOperation {
  return {
    async run({ caller, parameters }) {
      const { iam, authorizer } = parts
      const input = new Input(parameters)
      const call = { iam, authorizer, account: caller.principal.accountId, caller, input }
      const resource = await row.resource(call)
      await authorizer.prepare(resource)
      authorizer.authorize(caller, `iam:${name}`, resource, optionsOf(input))
      const result = await row.run(call)
      if (row.effect === 'changes') await audit(parts, name, caller, input)
      return result
    },
  }
}

/** Source: Service Authorization Reference, "Condition keys for IAM". */
function optionsOf(input: Input): DecisionOptions {
  const tags = input.tags()
  const policyArn = input.optional('PolicyArn')
  const boundary = input.optional('PermissionsBoundary')
  return {
    keys: {
      ...Object.fromEntries(tags.map(({ key, value }) => [`aws:requesttag/${key.toLowerCase()}`, value])),
      ...(tags.length === 0 ? {} : { 'aws:tagkeys': tags.map(({ key }) => key) }),
      ...(policyArn === undefined ? {} : { 'iam:policyarn': policyArn }),
      ...(boundary === undefined ? {} : { 'iam:permissionsboundary': boundary }),
    },
  }
}

async function audit({ iam, region, randomId }: IamServiceParts, name: string, caller: Caller, input: Input) {
  const shown = SHOWN.map((parameter) => [lowerFirst(parameter), input.optional(parameter)] as const)
  const clock = { region, now: iam.clock(), randomId }
  await iam.metadata.write((write) =>
    recordAudit(write, clock, caller, {
      eventSource: 'iam.amazonaws.com',
      eventName: name,
      requestParameters: Object.fromEntries(shown.filter(([, value]) => value !== undefined)),
      recipientAccountId: caller.principal.accountId,
    }),
  )
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
