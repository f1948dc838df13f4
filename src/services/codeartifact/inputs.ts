import Type from 'typebox'
import * as field from './fields.ts'

/** What several operations take alike: the way to a thing inside a domain. */

export const domainInput = {
  domain: field.domainField('domain'),
  domainOwner: Type.Optional(field.accountField('domain-owner')),
}

export const repositoryInput = { ...domainInput, repository: field.repositoryField('repository') }

export const packageIdentity = {
  format: field.formatField('format'),
  namespace: Type.Optional(field.packageTextField('namespace')),
  package: field.packageTextField('package'),
}

export const packageInput = { ...repositoryInput, ...packageIdentity }

export const versionInput = { ...packageInput, packageVersion: field.packageTextField('version') }

/** Several versions of one package, and what they are expected to be. */
export const versionsInput = {
  ...packageInput,
  versions: field.versions,
  expectedStatus: Type.Optional(field.statusField()),
}
