import { IamError, invalidInput } from '../../access/iam/iam-error.ts'
import {
  changePolicyVersion,
  createPolicy,
  createPolicyVersion,
  deletePolicy,
  listPolicies,
  listPolicyUsers,
  listPolicyVersions,
  requirePolicy,
  requireVersion,
} from '../../access/iam/policies.ts'
import { listTags, putTags, removeTags } from '../../access/iam/tags.ts'
import { managedPolicies } from '../../access/managed-policies.ts'
import { pageMembers } from './input.ts'
import { anything, created, type IamCall, type IamRow, parameter } from './row.ts'
import { policyMembers, tagMembers, versionMembers } from './shapes.ts'

const thePolicy = parameter('PolicyArn')

export const policyRows = {
  CreatePolicy: {
    effect: 'changes',
    resource: created('policy', 'PolicyName'),
    async run({ iam, account, input }) {
      const tags = input.tags()
      const policy = await createPolicy(iam, {
        account,
        name: input.name('PolicyName'),
        path: input.path(),
        document: input.required('PolicyDocument'),
        description: input.optional('Description'),
        tags,
      })
      return { Policy: policyMembers(policy, tags) }
    },
  },
  GetPolicy: {
    effect: 'reads',
    resource: thePolicy,
    async run(call) {
      const { db } = call.iam.metadata
      const policy = await requirePolicy(call.iam, db, readableArn(call))
      return { Policy: policyMembers(policy, await listTags(db, policy.id)) }
    },
  },
  ListPolicies: {
    effect: 'reads',
    resource: anything,
    async run({ iam, account, input }) {
      const scope = input.optional('Scope') ?? 'All'
      if (scope !== 'All' && scope !== 'AWS' && scope !== 'Local') {
        throw invalidInput('Scope', scope, 'must be All, AWS or Local')
      }
      const pathPrefix = input.optional('PathPrefix') ?? '/'
      const filter = { account, scope, pathPrefix, isAttachedOnly: input.flag('OnlyAttached') } as const
      const { items, next } = await listPolicies(iam, filter, input.page())
      return { Policies: items.map((policy) => policyMembers(policy)), ...pageMembers(next) }
    },
  },
  DeletePolicy: {
    effect: 'changes',
    resource: thePolicy,
    async run(call) {
      await deletePolicy(call.iam, ownArn(call))
      return undefined
    },
  },
  CreatePolicyVersion: {
    effect: 'changes',
    resource: thePolicy,
    async run(call) {
      const document = call.input.required('PolicyDocument')
      const use = call.input.flag('SetAsDefault') ? 'as default' : 'beside'
      return { PolicyVersion: versionMembers(await createPolicyVersion(call.iam, ownArn(call), { document, use })) }
    },
  },
  GetPolicyVersion: {
    effect: 'reads',
    resource: thePolicy,
    async run(call) {
      const version = await requireVersion(call.iam, readableArn(call), versionOf(call))
      return { PolicyVersion: versionMembers(version, version.document) }
    },
  },
  ListPolicyVersions: {
    effect: 'reads',
    resource: thePolicy,
    async run(call) {
      const versions = await listPolicyVersions(call.iam, readableArn(call))
      return { Versions: versions.map((version) => versionMembers(version)), ...pageMembers(undefined) }
    },
  },
  SetDefaultPolicyVersion: {
    effect: 'changes',
    resource: thePolicy,
    async run(call) {
      await changePolicyVersion(call.iam, ownArn(call), versionOf(call), 'make default')
      return undefined
    },
  },
  DeletePolicyVersion: {
    effect: 'changes',
    resource: thePolicy,
    async run(call) {
      await changePolicyVersion(call.iam, ownArn(call), versionOf(call), 'delete')
      return undefined
    },
  },
  TagPolicy: {
    effect: 'changes',
    resource: thePolicy,
    async run(call) {
      const { iam, input } = call
      await iam.metadata.write(async (write) => {
        const { id } = await requirePolicy(iam, write.tx, ownArn(call))
        await putTags(write, id, input.tags())
      })
      return undefined
    },
  },
  UntagPolicy: {
    effect: 'changes',
    resource: thePolicy,
    async run(call) {
      const { iam, input } = call
      await iam.metadata.write(async (write) => {
        const { id } = await requirePolicy(iam, write.tx, ownArn(call))
        await removeTags(write, id, input.texts('TagKeys'))
      })
      return undefined
    },
  },
  ListPolicyTags: {
    effect: 'reads',
    resource: thePolicy,
    async run(call) {
      const { db } = call.iam.metadata
      const { id } = await requirePolicy(call.iam, db, readableArn(call))
      return { Tags: tagMembers(await listTags(db, id)), ...pageMembers(undefined) }
    },
  },
  ListEntitiesForPolicy: {
    effect: 'reads',
    resource: thePolicy,
    async run(call) {
      const users = await listPolicyUsers(call.iam, call.account, readableArn(call))
      const of = (kind: string) => users.filter((user) => user.kind === kind)
      return {
        PolicyGroups: of('group').map(({ id, name }) => ({ GroupName: name, GroupId: id })),
        PolicyUsers: of('user').map(({ id, name }) => ({ UserName: name, UserId: id })),
        PolicyRoles: of('role').map(({ id, name }) => ({ RoleName: name, RoleId: id })),
        ...pageMembers(undefined),
      }
    },
  },
} satisfies Record<string, IamRow>

/** Other accounts' policies are not there for this one. */
function readableArn({ account, input }: IamCall): string {
  const arn = input.required('PolicyArn')
  if (managedPolicies.has(arn) || arn.split(':', 5)[4] === account) return arn
  throw new IamError('missing', `Policy ${arn.slice(0, 200)} was not found.`)
}

const ownArn = readableArn

function versionOf({ input }: IamCall): number {
  const text = input.required('VersionId')
  const [, number] = /^v([1-9]\d{0,8})$/.exec(text) ?? []
  if (number !== undefined) return Number(number)
  throw invalidInput('VersionId', text, 'must be v and a number')
}
