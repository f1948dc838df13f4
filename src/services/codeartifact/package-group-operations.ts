import Type from 'typebox'
import * as field from './fields.ts'
import { domainInput, packageIdentity } from './inputs.ts'
import { operation } from './operation.ts'
import { domainTarget, packageGroupTarget } from './targets.ts'

const inQuery = { ...domainInput, packageGroup: field.packageGroupField('package-group') }
const inBody = {
  ...domainInput,
  packageGroup: field.packageGroupField(),
  contactInfo: Type.Optional(field.description),
  description: Type.Optional(field.description),
}

export const packageGroupOperations = {
  CreatePackageGroup: operation({
    http: 'POST /v1/package-group',
    input: { ...inBody, tags: Type.Optional(field.tags) },
    target: packageGroupTarget,
  }),
  DescribePackageGroup: operation({
    http: 'GET /v1/package-group',
    input: inQuery,
    target: packageGroupTarget,
  }),
  UpdatePackageGroup: operation({
    http: 'PUT /v1/package-group',
    input: inBody,
    target: packageGroupTarget,
  }),
  DeletePackageGroup: operation({
    http: 'DELETE /v1/package-group',
    input: inQuery,
    target: packageGroupTarget,
  }),
  UpdatePackageGroupOriginConfiguration: operation({
    http: 'PUT /v1/package-group-origin-configuration',
    input: {
      ...inQuery,
      restrictions: Type.Optional(field.groupRestrictions),
      addAllowedRepositories: Type.Optional(field.groupRepositories),
      removeAllowedRepositories: Type.Optional(field.groupRepositories),
    },
    target: packageGroupTarget,
  }),
  ListPackageGroups: operation({
    http: 'POST /v1/package-groups',
    input: { ...domainInput, prefix: Type.Optional(field.packageGroupPrefix), ...field.pageFields() },
    target: domainTarget,
  }),
  ListSubPackageGroups: operation({
    http: 'POST /v1/package-groups/sub-groups',
    input: { ...inQuery, ...field.pageFields() },
    target: packageGroupTarget,
  }),
  ListAllowedRepositoriesForGroup: operation({
    http: 'GET /v1/package-group-allowed-repositories',
    input: { ...inQuery, originRestrictionType: field.groupRestrictionType, ...field.pageFields() },
    target: packageGroupTarget,
  }),
  ListAssociatedPackages: operation({
    http: 'GET /v1/list-associated-packages',
    input: { ...inQuery, preview: Type.Optional(field.flagField('preview')), ...field.pageFields() },
    target: packageGroupTarget,
  }),
  // Which group it is will only be known once it is found; until then the domain's own permission is asked for.
  GetAssociatedPackageGroup: operation({
    http: 'GET /v1/get-associated-package-group',
    input: { ...domainInput, ...packageIdentity },
    target: domainTarget,
  }),
}
