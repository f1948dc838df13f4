import Type from 'typebox'
import type { RegistryParts } from '../../registry/parts.ts'
import {
  deleteResourcePolicy,
  getResourcePolicy,
  type PolicyAddress,
  putResourcePolicy,
  type ResourcePolicy,
} from '../../registry/resource-policies.ts'
import * as field from './fields.ts'
import { domainInput, repositoryInput } from './inputs.ts'
import { operation } from './operation.ts'
import { domainTarget, repositoryTarget } from './targets.ts'
import { domainArn, repositoryArn } from '../../access/arns.ts'

const policyBody = {
  policyDocument: field.policyDocument,
  policyRevision: Type.Optional(field.policyRevisionField()),
}
const revisionInput = { policyRevision: Type.Optional(field.policyRevisionField('policy-revision')) }

export const policyOperations = {
  // The one operation that names its domain in the body.
  PutDomainPermissionsPolicy: operation({
    http: 'PUT /v1/domain/permissions/policy',
    input: { domain: field.domainField(), domainOwner: Type.Optional(field.accountField()), ...policyBody },
    target: domainTarget,
    async run({ registry, caller, address, input: { policyDocument: document, policyRevision: revision } }) {
      return answer(registry, address, await putResourcePolicy(registry, caller, { address, document, revision }))
    },
  }),
  GetDomainPermissionsPolicy: operation({
    http: 'GET /v1/domain/permissions/policy',
    input: domainInput,
    target: domainTarget,
    async run({ registry, address }) {
      return answer(registry, address, await getResourcePolicy(registry, address))
    },
  }),
  DeleteDomainPermissionsPolicy: operation({
    http: 'DELETE /v1/domain/permissions/policy',
    input: { ...domainInput, ...revisionInput },
    target: domainTarget,
    async run({ registry, caller, address, input: { policyRevision: revision } }) {
      return answer(registry, address, await deleteResourcePolicy(registry, caller, { address, revision }))
    },
  }),
  PutRepositoryPermissionsPolicy: operation({
    http: 'PUT /v1/repository/permissions/policy',
    input: { ...repositoryInput, ...policyBody },
    target: repositoryTarget,
    async run({ registry, caller, address, input: { policyDocument: document, policyRevision: revision } }) {
      return answer(registry, address, await putResourcePolicy(registry, caller, { address, document, revision }))
    },
  }),
  GetRepositoryPermissionsPolicy: operation({
    http: 'GET /v1/repository/permissions/policy',
    input: repositoryInput,
    target: repositoryTarget,
    async run({ registry, address }) {
      return answer(registry, address, await getResourcePolicy(registry, address))
    },
  }),
  DeleteRepositoryPermissionsPolicy: operation({
    http: 'DELETE /v1/repository/permissions/policies',
    input: { ...repositoryInput, ...revisionInput },
    target: repositoryTarget,
    async run({ registry, caller, address, input: { policyRevision: revision } }) {
      return answer(registry, address, await deleteResourcePolicy(registry, caller, { address, revision }))
    },
  }),
}

function answer({ arns }: RegistryParts, address: PolicyAddress, { document, revision }: ResourcePolicy) {
  const domain = { owner: address.owner, name: address.domain }
  const resourceArn =
    'repository' in address ? repositoryArn(arns, domain, address.repository) : domainArn(arns, domain)
  return { members: { policy: { resourceArn, revision, document } } }
}
