import {
  attachPolicy,
  deleteInlinePolicy,
  detachPolicy,
  getInlinePolicy,
  listAttachedPolicies,
  listInlinePolicies,
  putInlinePolicy,
  setBoundary,
} from '../../access/iam/attachments.ts'
import type { EntityKind } from '../../access/iam/entities.ts'
import { pageMembers } from './input.ts'
import { type IamCall, type IamRow, named } from './row.ts'
import { encodeDocument } from './shapes.ts'

/** `UserName`, as the parameter and the member of answers. */
type Title = 'User' | 'Group' | 'Role'

const kinds: Readonly<Record<Title, EntityKind>> = { User: 'user', Group: 'group', Role: 'role' }

/** What can be done with the policies of each kind is the same, but for the names. */
export const attachmentRows: Readonly<Record<string, IamRow>> = {
  ...inlineRows('User'),
  ...inlineRows('Group'),
  ...inlineRows('Role'),
  ...attachedRows('User'),
  ...attachedRows('Group'),
  ...attachedRows('Role'),
  ...boundaryRows('User'),
  ...boundaryRows('Role'),
}

function ownerOf({ account, input }: IamCall, title: Title) {
  return { kind: kinds[title], account, name: input.name(`${title}Name`) }
}

function inlineRows(title: Title): Record<string, IamRow> {
  const resource = named(kinds[title], `${title}Name`)
  return {
    [`Put${title}Policy`]: {
      effect: 'changes',
      resource,
      async run(call) {
        const { iam, input } = call
        await putInlinePolicy(iam, ownerOf(call, title), input.name('PolicyName'), input.required('PolicyDocument'))
        return undefined
      },
    },
    [`Get${title}Policy`]: {
      effect: 'reads',
      resource,
      async run(call) {
        const { iam, input } = call
        const owner = ownerOf(call, title)
        const name = input.name('PolicyName')
        const document = encodeDocument(await getInlinePolicy(iam, owner, name))
        return { [`${title}Name`]: owner.name, PolicyName: name, PolicyDocument: document }
      },
    },
    [`List${title}Policies`]: {
      effect: 'reads',
      resource,
      async run(call) {
        const names = await listInlinePolicies(call.iam, ownerOf(call, title))
        return { PolicyNames: names, ...pageMembers(undefined) }
      },
    },
    [`Delete${title}Policy`]: {
      effect: 'changes',
      resource,
      async run(call) {
        await deleteInlinePolicy(call.iam, ownerOf(call, title), call.input.name('PolicyName'))
        return undefined
      },
    },
  }
}

function attachedRows(title: Title): Record<string, IamRow> {
  const resource = named(kinds[title], `${title}Name`)
  return {
    [`Attach${title}Policy`]: {
      effect: 'changes',
      resource,
      async run(call) {
        await attachPolicy(call.iam, ownerOf(call, title), call.input.required('PolicyArn'))
        return undefined
      },
    },
    [`Detach${title}Policy`]: {
      effect: 'changes',
      resource,
      async run(call) {
        await detachPolicy(call.iam, ownerOf(call, title), call.input.required('PolicyArn'))
        return undefined
      },
    },
    [`ListAttached${title}Policies`]: {
      effect: 'reads',
      resource,
      async run(call) {
        const arns = await listAttachedPolicies(call.iam, ownerOf(call, title))
        const shown = arns.map((arn) => ({ PolicyName: arn.slice(arn.lastIndexOf('/') + 1), PolicyArn: arn }))
        return { AttachedPolicies: shown, ...pageMembers(undefined) }
      },
    },
  }
}

function boundaryRows(title: Title): Record<string, IamRow> {
  const resource = named(kinds[title], `${title}Name`)
  return {
    [`Put${title}PermissionsBoundary`]: {
      effect: 'changes',
      resource,
      async run(call) {
        await setBoundary(call.iam, ownerOf(call, title), call.input.required('PermissionsBoundary'))
        return undefined
      },
    },
    [`Delete${title}PermissionsBoundary`]: {
      effect: 'changes',
      resource,
      async run(call) {
        await setBoundary(call.iam, ownerOf(call, title), undefined)
        return undefined
      },
    },
  }
}
