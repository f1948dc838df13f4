import { changeAccessKey, createAccessKey, listAccessKeys, readLastUse } from '../../access/iam/access-keys.ts'
import { listUsers, requireEntity } from '../../access/iam/entities.ts'
import { IamError, invalidInput } from '../../access/iam/iam-error.ts'
import { listTags } from '../../access/iam/tags.ts'
import { createUser, deleteUser, updateUser } from '../../access/iam/users.ts'
import { pageMembers } from './input.ts'
import { anything, created, type IamCall, type IamRow, named, userName, userOrSelf } from './row.ts'
import { isoTime, userMembers } from './shapes.ts'

const theUser = named('user', 'UserName')

export const userRows = {
  CreateUser: {
    effect: 'changes',
    resource: created('user', 'UserName'),
    async run({ iam, account, input }) {
      const tags = input.tags()
      const draft = { account, name: input.name('UserName'), path: input.path(), tags }
      const user = await createUser(iam, { ...draft, boundary: input.optional('PermissionsBoundary') })
      return { User: userMembers(user, tags) }
    },
  },
  GetUser: {
    effect: 'reads',
    resource: userOrSelf,
    async run(call) {
      const { iam, account, caller, input } = call
      if (input.optional('UserName') === undefined) checkSelf(call)
      if (caller.principal.kind === 'root' && input.optional('UserName') === undefined) {
        const { arn, principalId } = caller.principal
        return { User: { UserId: principalId, Arn: arn, CreateDate: isoTime(0) } }
      }
      const user = await requireEntity(iam, iam.metadata.db, 'user', account, userName(call))
      return { User: userMembers(user, await listTags(iam.metadata.db, user.id)) }
    },
  },
  ListUsers: {
    effect: 'reads',
    resource: anything,
    async run({ iam, account, input }) {
      const filter = { account, pathPrefix: input.optional('PathPrefix') ?? '/' }
      const { items, next } = await listUsers(iam, filter, input.page())
      return { Users: items.map((user) => userMembers(user)), ...pageMembers(next) }
    },
  },
  UpdateUser: {
    effect: 'changes',
    resource: theUser,
    async run({ iam, account, input }) {
      const change = { name: input.optionalName('NewUserName'), path: input.optionalPath('NewPath') }
      await updateUser(iam, account, input.name('UserName'), change)
      return undefined
    },
  },
  DeleteUser: {
    effect: 'changes',
    resource: theUser,
    async run({ iam, account, input }) {
      await deleteUser(iam, account, input.name('UserName'))
      return undefined
    },
  },
  CreateAccessKey: {
    effect: 'changes',
    resource: userOrSelf,
    async run(call) {
      const name = userName(call)
      const key = await createAccessKey(call.iam, call.account, name)
      return {
        AccessKey: {
          UserName: name,
          AccessKeyId: key.accessKeyId,
          Status: 'Active',
          SecretAccessKey: key.secretAccessKey,
          CreateDate: isoTime(key.createdAt),
        },
      }
    },
  },
  ListAccessKeys: {
    effect: 'reads',
    resource: userOrSelf,
    async run(call) {
      const name = userName(call)
      const keys = await listAccessKeys(call.iam, call.account, name)
      const shown = keys.map(({ accessKeyId, status, createdAt }) => {
        return { UserName: name, AccessKeyId: accessKeyId, Status: status, CreateDate: isoTime(createdAt) }
      })
      return { AccessKeyMetadata: shown, ...pageMembers(undefined) }
    },
  },
  UpdateAccessKey: {
    effect: 'changes',
    resource: userOrSelf,
    async run(call) {
      const status = call.input.required('Status')
      if (status !== 'Active' && status !== 'Inactive') {
        throw invalidInput('Status', status, 'must be Active or Inactive')
      }
      const accessKeyId = call.input.required('AccessKeyId')
      await changeAccessKey(call.iam, call.account, userName(call), { accessKeyId, status })
      return undefined
    },
  },
  DeleteAccessKey: {
    effect: 'changes',
    resource: userOrSelf,
    async run(call) {
      const accessKeyId = call.input.required('AccessKeyId')
      await changeAccessKey(call.iam, call.account, userName(call), { accessKeyId, status: undefined })
      return undefined
    },
  },
  GetAccessKeyLastUsed: {
    effect: 'reads',
    resource: anything,
    async run({ iam, account, input }) {
      const use = await readLastUse(iam, account, input.required('AccessKeyId'))
      return {
        UserName: use.userName,
        AccessKeyLastUsed: {
          LastUsedDate: use.usedAt === undefined ? undefined : isoTime(use.usedAt),
          ServiceName: use.service ?? 'N/A',
          Region: use.region ?? 'N/A',
        },
      }
    },
  },
} satisfies Record<string, IamRow>

/** Source: IAM API Reference, "GetUser": without a name, the caller must be a user. */
function checkSelf({ caller: { principal } }: IamCall): void {
  if (principal.kind === 'user' || principal.kind === 'root') return
  throw new IamError('invalid', 'Must specify userName when calling with non-User credentials')
}
