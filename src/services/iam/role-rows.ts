import { listRoles, requireRole } from '../../access/iam/entities.ts'
import { createRole, deleteRole, type RoleChange, updateRole } from '../../access/iam/roles.ts'
import { listTags } from '../../access/iam/tags.ts'
import { pageMembers } from './input.ts'
import { anything, created, type IamCall, type IamRow, named } from './row.ts'
import { roleMembers } from './shapes.ts'

const theRole = named('role', 'RoleName')

/** Unit: seconds. Source: IAM API Reference, "CreateRole". */
const SESSION_SECONDS = { min: 3600, max: 43_200, absent: 3600 }

export const roleRows = {
  CreateRole: {
    effect: 'changes',
    resource: created('role', 'RoleName'),
    async run({ iam, account, input }) {
      const tags = input.tags()
      const role = await createRole(iam, {
        account,
        name: input.name('RoleName'),
        path: input.path(),
        trustPolicy: input.required('AssumeRolePolicyDocument'),
        description: input.optional('Description'),
        sessionSecondsMax: input.integer('MaxSessionDuration', SESSION_SECONDS),
        boundary: input.optional('PermissionsBoundary'),
        tags,
      })
      return { Role: roleMembers(role, tags) }
    },
  },
  GetRole: {
    effect: 'reads',
    resource: theRole,
    async run({ iam, account, input }) {
      const { db } = iam.metadata
      const role = await requireRole(iam, db, account, input.name('RoleName'))
      return { Role: roleMembers(role, await listTags(db, role.id)) }
    },
  },
  ListRoles: {
    effect: 'reads',
    resource: anything,
    async run({ iam, account, input }) {
      const filter = { account, pathPrefix: input.optional('PathPrefix') ?? '/' }
      const { items, next } = await listRoles(iam, filter, input.page())
      return { Roles: items.map((role) => roleMembers(role)), ...pageMembers(next) }
    },
  },
  UpdateRole: {
    effect: 'changes',
    resource: theRole,
    async run(call) {
      const { input } = call
      const asked = input.optional('MaxSessionDuration')
      await update(call, {
        description: input.optionalText('Description'),
        sessionSecondsMax: asked === undefined ? undefined : input.integer('MaxSessionDuration', SESSION_SECONDS),
      })
      return {}
    },
  },
  UpdateRoleDescription: {
    effect: 'changes',
    resource: theRole,
    async run(call) {
      const role = await update(call, { description: call.input.optionalText('Description') ?? '' })
      return { Role: roleMembers(role) }
    },
  },
  UpdateAssumeRolePolicy: {
    effect: 'changes',
    resource: theRole,
    async run(call) {
      await update(call, { trustPolicy: call.input.required('PolicyDocument') })
      return undefined
    },
  },
  DeleteRole: {
    effect: 'changes',
    resource: theRole,
    async run({ iam, account, input }) {
      await deleteRole(iam, account, input.name('RoleName'))
      return undefined
    },
  },
  /** There are no machines here that could have profiles. */
  ListInstanceProfilesForRole: {
    effect: 'reads',
    resource: theRole,
    async run({ iam, account, input }) {
      await requireRole(iam, iam.metadata.db, account, input.name('RoleName'))
      return { InstanceProfiles: [], ...pageMembers(undefined) }
    },
  },
} satisfies Record<string, IamRow>

function update({ iam, account, input }: IamCall, change: RoleChange) {
  return updateRole(iam, account, input.name('RoleName'), change)
}
