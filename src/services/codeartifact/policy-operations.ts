import Type from 'typebox'
import * as field from './fields.ts'
import { domainInput, repositoryInput } from './inputs.ts'
import { operation } from './operation.ts'
import { domainTarget, repositoryTarget } from './targets.ts'

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
  }),
  GetDomainPermissionsPolicy: operation({
    http: 'GET /v1/domain/permissions/policy',
    input: domainInput,
    target: domainTarget,
  }),
  DeleteDomainPermissionsPolicy: operation({
    http: 'DELETE /v1/domain/permissions/policy',
    input: { ...domainInput, ...revisionInput },
    target: domainTarget,
  }),
  PutRepositoryPermissionsPolicy: operation({
    http: 'PUT /v1/repository/permissions/policy',
    input: { ...repositoryInput, ...policyBody },
    target: repositoryTarget,
  }),
  GetRepositoryPermissionsPolicy: operation({
    http: 'GET /v1/repository/permissions/policy',
    input: repositoryInput,
    target: repositoryTarget,
  }),
  DeleteRepositoryPermissionsPolicy: operation({
    http: 'DELETE /v1/repository/permissions/policies',
    input: { ...repositoryInput, ...revisionInput },
    target: repositoryTarget,
  }),
}
