import Type from 'typebox'
import { type AllowedRepository, configureGroup, listAllowedRepositories } from '../../registry/group-configuration.ts'
import { listGroups, listSubGroups } from '../../registry/group-lists.ts'
import { listAssociatedPackages } from '../../registry/group-packages.ts'
import { groupRestrictions } from '../../registry/group-settings.ts'
import { createGroup, deleteGroup, describeGroup, findAssociatedGroup, updateGroup } from '../../registry/groups.ts'
import type { RepositoryName } from '../../registry/names.ts'
import * as field from './fields.ts'
import { domainInput, packageIdentity } from './inputs.ts'
import { operation } from './operation.ts'
import { allowedRepositoryUpdates, associatedPackage, packageGroupDescription } from './package-group-responses.ts'
import { associatedGroupTarget, domainTarget, newPackageGroupTarget, packageGroupTarget } from './targets.ts'

/** Unverified: the service's numbers are not documented. */
const ITEMS_PER_PAGE = 50

const inQuery = { ...domainInput, packageGroup: field.packageGroupField('package-group') }
const inBody = { ...domainInput, packageGroup: field.packageGroupField() }
const about = {
  contactInfo: Type.Optional(field.description),
  description: Type.Optional(field.description),
}

export const packageGroupOperations = {
  CreatePackageGroup: operation({
    http: 'POST /v1/package-group',
    input: { ...inBody, ...about, tags: Type.Optional(field.tags) },
    target: newPackageGroupTarget,
    async run({ registry, caller, address, input: { description = '', contactInfo = '', tags = [] } }) {
      const made = await createGroup(registry, caller, { address, description, contactInfo, tags })
      return { members: { packageGroup: packageGroupDescription(registry.arns, address, made) } }
    },
  }),
  DescribePackageGroup: operation({
    http: 'GET /v1/package-group',
    input: inQuery,
    target: packageGroupTarget,
    async run({ registry, address }) {
      const found = await describeGroup(registry, address)
      return { members: { packageGroup: packageGroupDescription(registry.arns, address, found) } }
    },
  }),
  UpdatePackageGroup: operation({
    http: 'PUT /v1/package-group',
    input: { ...inBody, ...about },
    target: packageGroupTarget,
    async run({ registry, caller, address, input: { description, contactInfo } }) {
      const changed = await updateGroup(registry, caller, { address, description, contactInfo })
      return { members: { packageGroup: packageGroupDescription(registry.arns, address, changed) } }
    },
  }),
  DeletePackageGroup: operation({
    http: 'DELETE /v1/package-group',
    input: inQuery,
    target: packageGroupTarget,
    async run({ registry, caller, address }) {
      const deleted = await deleteGroup(registry, caller, address)
      return { members: { packageGroup: packageGroupDescription(registry.arns, address, deleted) } }
    },
  }),
  UpdatePackageGroupOriginConfiguration: operation({
    http: 'PUT /v1/package-group-origin-configuration',
    remark: 'Lists of allowed repositories are kept while the mode does not ask for them.',
    input: {
      ...inQuery,
      restrictions: Type.Optional(field.groupRestrictionModes),
      addAllowedRepositories: Type.Optional(field.groupRepositories),
      removeAllowedRepositories: Type.Optional(field.groupRepositories),
    },
    target: packageGroupTarget,
    async run({ registry, caller, address, input }) {
      const { restrictions = {}, addAllowedRepositories = [], removeAllowedRepositories = [] } = input
      const modes = new Map(
        groupRestrictions.flatMap((restriction) => {
          const mode = restrictions[restriction]
          return mode === undefined ? [] : [[restriction, mode] as const]
        }),
      )
      const added = addAllowedRepositories.map(toAllowed)
      const removed = removeAllowedRepositories.map(toAllowed)
      const done = await configureGroup(registry, caller, { address, modes, added, removed })
      const packageGroup = packageGroupDescription(registry.arns, address, done)
      return { members: { packageGroup, allowedRepositoryUpdates: allowedRepositoryUpdates(done) } }
    },
  }),
  ListPackageGroups: operation({
    http: 'POST /v1/package-groups',
    input: { ...domainInput, prefix: Type.Optional(field.packageGroupPrefix), ...field.pageFields() },
    target: domainTarget,
    async run({ registry, address, input: { prefix = '' }, page, nextToken }) {
      const { items, next } = await listGroups(registry, address, prefix, page(ITEMS_PER_PAGE))
      const packageGroups = items.map((each) => packageGroupDescription(registry.arns, address, each))
      return { members: { packageGroups, nextToken: nextToken(next) } }
    },
  }),
  ListSubPackageGroups: operation({
    http: 'POST /v1/package-groups/sub-groups',
    input: { ...inQuery, ...field.pageFields() },
    target: packageGroupTarget,
    async run({ registry, address, page, nextToken }) {
      const { items, next } = await listSubGroups(registry, address, page(ITEMS_PER_PAGE))
      const packageGroups = items.map((each) => packageGroupDescription(registry.arns, address, each))
      return { members: { packageGroups, nextToken: nextToken(next) } }
    },
  }),
  ListAllowedRepositoriesForGroup: operation({
    http: 'GET /v1/package-group-allowed-repositories',
    input: { ...inQuery, originRestrictionType: field.groupRestrictionType, ...field.pageFields() },
    target: packageGroupTarget,
    async run({ registry, address, input: { originRestrictionType }, page, nextToken }) {
      const asked = page(ITEMS_PER_PAGE)
      const { items, next } = await listAllowedRepositories(registry, address, originRestrictionType, asked)
      return { members: { allowedRepositories: items, nextToken: nextToken(next) } }
    },
  }),
  ListAssociatedPackages: operation({
    http: 'GET /v1/list-associated-packages',
    input: { ...inQuery, preview: Type.Optional(field.flagField('preview')), ...field.pageFields() },
    target: packageGroupTarget,
    async run({ registry, address, input: { preview = false }, page, nextToken }) {
      const wanted = preview ? 'preview' : 'existing'
      const { items, next } = await listAssociatedPackages(registry, address, wanted, page(ITEMS_PER_PAGE))
      return { members: { packages: items.map(associatedPackage), nextToken: nextToken(next) } }
    },
  }),
  GetAssociatedPackageGroup: operation({
    http: 'GET /v1/get-associated-package-group',
    input: { ...domainInput, ...packageIdentity },
    target: associatedGroupTarget,
    async run({ registry, address }) {
      const { strength, ...placed } = await findAssociatedGroup(registry, address)
      const packageGroup = packageGroupDescription(registry.arns, address, placed)
      return { members: { packageGroup, associationType: strength } }
    },
  }),
}

function toAllowed(given: {
  readonly repositoryName: RepositoryName
  readonly originRestrictionType: AllowedRepository['restriction']
}): AllowedRepository {
  return { repository: given.repositoryName, restriction: given.originRestrictionType }
}
