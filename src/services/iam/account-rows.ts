import { findEntity, listGroups, listRoles, listUsers } from '../../access/iam/entities.ts'
import { IamError } from '../../access/iam/iam-error.ts'
import { listPolicies } from '../../access/iam/policies.ts'
import {
  createProvider,
  deleteProvider,
  listProviders,
  requireProvider,
  updateProvider,
} from '../../access/iam/providers.ts'
import { listTags } from '../../access/iam/tags.ts'
import { pageMembers } from './input.ts'
import { anything, type IamCall, type IamRow, named, parameter, userOrSelf } from './row.ts'
import { isoTime, tagMembers } from './shapes.ts'

const theProvider = parameter('OpenIDConnectProviderArn')

export const accountRows = {
  CreateOpenIDConnectProvider: {
    effect: 'changes',
    resource: anything,
    async run({ iam, account, input }) {
      const provider = await createProvider(iam, {
        account,
        url: input.required('Url'),
        clientIds: input.texts('ClientIDList'),
        thumbprints: input.texts('ThumbprintList'),
        tags: input.tags(),
      })
      return { OpenIDConnectProviderArn: provider.arn }
    },
  },
  GetOpenIDConnectProvider: {
    effect: 'reads',
    resource: theProvider,
    async run(call) {
      const provider = await requireProvider(call.iam, ownProvider(call))
      return {
        Url: provider.url,
        ClientIDList: provider.clientIds,
        ThumbprintList: provider.thumbprints,
        CreateDate: isoTime(provider.createdAt),
        Tags: tagMembers(await listTags(call.iam.metadata.db, provider.id)),
      }
    },
  },
  ListOpenIDConnectProviders: {
    effect: 'reads',
    resource: anything,
    async run({ iam, account }) {
      return { OpenIDConnectProviderList: (await listProviders(iam, account)).map((arn) => ({ Arn: arn })) }
    },
  },
  DeleteOpenIDConnectProvider: {
    effect: 'changes',
    resource: theProvider,
    async run(call) {
      await deleteProvider(call.iam, ownProvider(call))
      return undefined
    },
  },
  UpdateOpenIDConnectProviderThumbprint: {
    effect: 'changes',
    resource: theProvider,
    async run(call) {
      await updateProvider(call.iam, ownProvider(call), () => ({ thumbprints: call.input.texts('ThumbprintList') }))
      return undefined
    },
  },
  AddClientIDToOpenIDConnectProvider: {
    effect: 'changes',
    resource: theProvider,
    async run(call) {
      const added = call.input.required('ClientID')
      await updateProvider(call.iam, ownProvider(call), ({ clientIds }) => {
        return { clientIds: [...new Set([...clientIds, added])] }
      })
      return undefined
    },
  },
  RemoveClientIDFromOpenIDConnectProvider: {
    effect: 'changes',
    resource: theProvider,
    async run(call) {
      const removed = call.input.required('ClientID')
      await updateProvider(call.iam, ownProvider(call), ({ clientIds }) => {
        return { clientIds: clientIds.filter((id) => id !== removed) }
      })
      return undefined
    },
  },
  GetAccountSummary: {
    effect: 'reads',
    resource: anything,
    async run({ iam, account }) {
      const filter = { account, pathPrefix: '/' }
      const all = { size: 10_000, after: undefined }
      const own = { ...filter, scope: 'Local', isAttachedOnly: false } as const
      const counts = {
        Users: (await listUsers(iam, filter, all)).items.length,
        Groups: (await listGroups(iam, filter, all)).items.length,
        Roles: (await listRoles(iam, filter, all)).items.length,
        Policies: (await listPolicies(iam, own, all)).items.length,
        Providers: (await listProviders(iam, account)).length,
      }
      return { SummaryMap: new Map(Object.entries(counts)) }
    },
  },
  /** Accounts have no second name here. */
  ListAccountAliases: {
    effect: 'reads',
    resource: anything,
    run: async () => ({ AccountAliases: [], ...pageMembers(undefined) }),
  },
  CreateServiceLinkedRole: {
    effect: 'changes',
    resource: anything,
    async run({ input }) {
      const service = input.required('AWSServiceName')
      throw new IamError('invalid', `No service here has roles of its own; '${service.slice(0, 100)}' is not one.`)
    },
  },
  ListVirtualMFADevices: {
    effect: 'reads',
    resource: anything,
    run: async () => ({ VirtualMFADevices: [], ...pageMembers(undefined) }),
  },
  ListMFADevices: emptyList('MFADevices'),
  ListSigningCertificates: emptyList('Certificates'),
  ListSSHPublicKeys: emptyList('SSHPublicKeys'),
  ListServiceSpecificCredentials: emptyList('ServiceSpecificCredentials'),
  GetLoginProfile: noLoginProfile('reads'),
  DeleteLoginProfile: noLoginProfile('changes'),
} satisfies Record<string, IamRow>

/** Users have access keys here and nothing else; Terraform asks before it removes one. */
function emptyList(member: string): IamRow {
  return {
    effect: 'reads',
    resource: userOrSelf,
    run: async () => ({ [member]: [], ...pageMembers(undefined) }),
  }
}

function noLoginProfile(effect: IamRow['effect']): IamRow {
  return {
    effect,
    resource: named('user', 'UserName'),
    async run({ iam, account, input }) {
      const name = input.name('UserName')
      const user = await findEntity(iam, iam.metadata.db, 'user', account, name)
      const what = user ? `Login Profile for User ${name}` : `The user with name ${name}`
      throw new IamError('missing', `${what} cannot be found.`)
    },
  }
}

function ownProvider({ account, input }: IamCall): string {
  const arn = input.required('OpenIDConnectProviderArn')
  if (arn.split(':', 5)[4] === account) return arn
  throw new IamError('missing', `OpenIDConnect Provider not found for arn ${arn.slice(0, 200)}`)
}
