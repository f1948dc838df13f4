import { listGroups, requireEntity } from '../../access/iam/entities.ts'
import {
  addToGroup,
  createGroup,
  deleteGroup,
  listGroupsOf,
  listMembers,
  removeFromGroup,
  updateGroup,
} from '../../access/iam/groups.ts'
import { pageMembers } from './input.ts'
import { anything, created, type IamRow, named } from './row.ts'
import { groupMembers, userMembers } from './shapes.ts'

const theGroup = named('group', 'GroupName')

export const groupRows = {
  CreateGroup: {
    effect: 'changes',
    resource: created('group', 'GroupName'),
    async run({ iam, account, input }) {
      return { Group: groupMembers(await createGroup(iam, account, input.name('GroupName'), input.path())) }
    },
  },
  GetGroup: {
    effect: 'reads',
    resource: theGroup,
    async run({ iam, account, input }) {
      const group = await requireEntity(iam, iam.metadata.db, 'group', account, input.name('GroupName'))
      const { items, next } = await listMembers(iam, group.id, input.page())
      return { Group: groupMembers(group), Users: items.map((user) => userMembers(user)), ...pageMembers(next) }
    },
  },
  ListGroups: {
    effect: 'reads',
    resource: anything,
    async run({ iam, account, input }) {
      const filter = { account, pathPrefix: input.optional('PathPrefix') ?? '/' }
      const { items, next } = await listGroups(iam, filter, input.page())
      return { Groups: items.map(groupMembers), ...pageMembers(next) }
    },
  },
  UpdateGroup: {
    effect: 'changes',
    resource: theGroup,
    async run({ iam, account, input }) {
      const change = { name: input.optionalName('NewGroupName'), path: input.optionalPath('NewPath') }
      await updateGroup(iam, account, input.name('GroupName'), change)
      return undefined
    },
  },
  DeleteGroup: {
    effect: 'changes',
    resource: theGroup,
    async run({ iam, account, input }) {
      await deleteGroup(iam, account, input.name('GroupName'))
      return undefined
    },
  },
  AddUserToGroup: {
    effect: 'changes',
    resource: theGroup,
    async run({ iam, account, input }) {
      await addToGroup(iam, account, input.name('GroupName'), input.name('UserName'))
      return undefined
    },
  },
  RemoveUserFromGroup: {
    effect: 'changes',
    resource: theGroup,
    async run({ iam, account, input }) {
      await removeFromGroup(iam, account, input.name('GroupName'), input.name('UserName'))
      return undefined
    },
  },
  ListGroupsForUser: {
    effect: 'reads',
    resource: named('user', 'UserName'),
    async run({ iam, account, input }) {
      const groups = await listGroupsOf(iam, account, input.name('UserName'))
      return { Groups: groups.map(groupMembers), ...pageMembers(undefined) }
    },
  },
} satisfies Record<string, IamRow>
