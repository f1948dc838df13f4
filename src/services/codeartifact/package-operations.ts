import Type from 'typebox'
import { listPackages } from '../../registry/package-list.ts'
import { deletePackage, describePackage, putOriginRestrictions } from '../../registry/packages.ts'
import * as field from './fields.ts'
import { packageInput, repositoryInput } from './inputs.ts'
import { operation } from './operation.ts'
import { originConfiguration, packageDescription, packageSummary } from './responses.ts'
import { packageTarget, repositoryTarget } from './targets.ts'

/** Source: CodeArtifact User Guide, "List package names". */
const PACKAGES_PER_PAGE = 100

export const packageOperations = {
  ListPackages: operation({
    http: 'POST /v1/packages',
    input: {
      ...repositoryInput,
      format: Type.Optional(field.formatField('format')),
      namespace: Type.Optional(field.packageTextField('namespace')),
      packagePrefix: Type.Optional(field.packageTextField('package-prefix')),
      publish: Type.Optional(field.restrictionField('publish')),
      upstream: Type.Optional(field.restrictionField('upstream')),
      ...field.pageFields(),
    },
    target: repositoryTarget,
    async run({ registry, address, input, page, nextToken }) {
      const { items, next } = await listPackages(registry, address, input, page(PACKAGES_PER_PAGE))
      return { members: { packages: items.map(packageSummary), nextToken: nextToken(next) } }
    },
  }),
  DescribePackage: operation({
    http: 'GET /v1/package',
    input: packageInput,
    target: packageTarget,
    async run({ registry, address }) {
      return { members: { package: packageDescription(await describePackage(registry, address)) } }
    },
  }),
  DeletePackage: operation({
    http: 'DELETE /v1/package',
    input: packageInput,
    target: packageTarget,
    async run({ registry, caller, address }) {
      return { members: { deletedPackage: packageSummary(await deletePackage(registry, caller, address)) } }
    },
  }),
  PutPackageOriginConfiguration: operation({
    http: 'POST /v1/package',
    input: {
      ...packageInput,
      restrictions: Type.Object(
        { publish: field.restrictionField(), upstream: field.restrictionField() },
        { rule: 'must have both members, publish and upstream' },
      ),
    },
    target: packageTarget,
    async run({ registry, caller, address, input: { restrictions } }) {
      const changed = await putOriginRestrictions(registry, caller, { address, restrictions })
      return { members: { originConfiguration: originConfiguration(changed.restrictions) } }
    },
  }),
}
