import Type from 'typebox'
import { groupModes, groupRestrictions } from '../../registry/group-settings.ts'
import { versionStatuses } from '../../registry/model.ts'
import { type AccountId, type DomainName, type FormatId, formatIds, type RepositoryName } from '../../registry/names.ts'

/**
 * The inputs of operations. `wire` is the name in the query; a field without one is a member of the JSON body. `rule`
 * ends the sentence that a person reads who gave something else.
 * Source of every limit and pattern: CodeArtifact service model, shapes of the same name.
 */

/** Where a field comes from, and what to say when it is wrong. */
export interface FieldNotes {
  readonly wire?: string
  readonly rule?: string
}

function text(pattern: RegExp, rule: string, wire?: string) {
  return Type.String({ pattern, rule, ...(wire === undefined ? {} : { wire }) })
}

function oneOf<const Values extends string[]>(values: readonly [...Values], wire?: string) {
  return Type.Enum(values, { rule: `must be one of ${values.join(', ')}`, ...(wire === undefined ? {} : { wire }) })
}

const domainName = /^[a-z][a-z0-9-]{0,48}[a-z0-9]$/
const accountId = /^[0-9]{12}$/
const repositoryName = /^[A-Za-z0-9][A-Za-z0-9._-]{1,99}$/
const repositoryRule = 'must be 2 to 100 letters, digits, ".", "_" or "-", starting with a letter or digit'
const packageText = /^[^#/\s]{1,255}$/u
const packageRule = 'must be 1 to 255 characters without "#", "/" or white space'

export const domainRule = 'must be 2 to 50 lower-case letters, digits or "-", starting with a letter'

export function domainField(wire?: string) {
  return Type.Unsafe<DomainName>(text(domainName, domainRule, wire))
}

export function accountField(wire?: string) {
  return Type.Unsafe<AccountId>(text(accountId, 'must be an account id of 12 digits', wire))
}

export function repositoryField(wire?: string) {
  return Type.Unsafe<RepositoryName>(text(repositoryName, repositoryRule, wire))
}

export function formatField(wire: string) {
  return Type.Unsafe<FormatId>(oneOf([...formatIds], wire))
}

/** package, namespace, version and prefixes of them. */
export function packageTextField(wire: string) {
  return text(packageText, packageRule, wire)
}

export const connectionField = text(
  /^[A-Za-z0-9][A-Za-z0-9._\-:]{1,99}$/,
  'must be 2 to 100 letters, digits, ".", "_", "-" or ":"',
  'external-connection',
)

export const assetField = text(/^\P{C}{1,255}$/u, 'must be 1 to 255 characters without control characters', 'asset')

export const description = text(/^\P{C}{0,1000}$/u, 'must be at most 1000 characters without control characters')

export const encryptionKey = text(/^\S{1,1011}$/u, 'must be 1 to 1011 characters without white space')

export const resourceArn = text(/^\S{1,1011}$/u, 'must be 1 to 1011 characters without white space', 'resourceArn')

const tagKey = text(/^\P{C}{1,128}$/u, 'must be 1 to 128 characters without control characters')
const tagValue = text(/^\P{C}{0,256}$/u, 'must be at most 256 characters without control characters')

export const tags = Type.Array(Type.Object({ key: tagKey, value: tagValue }), {
  maxItems: 200,
  rule: 'must be a list of at most 200 tags with "key" and "value"',
})

export const tagKeys = Type.Array(tagKey, { maxItems: 200, rule: 'must be a list of at most 200 keys' })

export const upstreams = Type.Array(Type.Object({ repositoryName: repositoryField() }), {
  rule: 'must be a list of objects with "repositoryName"',
})

const version = text(packageText, packageRule)
const revision = text(/^\S{1,50}$/u, 'must be 1 to 50 characters without white space')

export const versions = Type.Array(version, { maxItems: 100, rule: 'must be a list of at most 100 versions' })

export const versionRevisions = Type.Record(Type.String(), revision, {
  rule: 'must give each version a revision of 1 to 50 characters without white space',
})

export const revisionField = text(/^\S{1,50}$/u, 'must be 1 to 50 characters without white space', 'revision')

export function statusField(wire?: string) {
  return oneOf([...versionStatuses, 'Deleted'], wire)
}

export const sortBy = oneOf(['PUBLISHED_TIME'], 'sortBy')

export const originType = oneOf(['INTERNAL', 'EXTERNAL', 'UNKNOWN'], 'originType')

export function restrictionField(wire?: string) {
  return oneOf(['ALLOW', 'BLOCK'], wire)
}

export const endpointType = oneOf(['ipv4', 'dualstack'], 'endpointType')

/** 1 to 899 is in the model but refused by the service. Unit: seconds. */
export const duration = Type.Integer({
  anyOf: [{ const: 0 }, { minimum: 900, maximum: 43_200 }],
  rule: 'must be 0, or 900 to 43200 seconds',
  wire: 'duration',
})

/** In the query unless `place` says otherwise. */
export function pageFields(place: 'query' | 'body' = 'query') {
  const inQuery = place === 'query'
  return {
    maxResults: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1000,
        rule: 'must be a whole number from 1 to 1000',
        ...(inQuery ? { wire: 'max-results' } : {}),
      }),
    ),
    nextToken: Type.Optional(tokenField(inQuery ? 'next-token' : undefined)),
  }
}

/** Checked by its MAC, which says more than the model's pattern. */
export function tokenField(wire?: string) {
  return Type.String(wire === undefined ? {} : { wire })
}

export const policyDocument = text(/^[\P{C}\s]{1,7168}$/u, 'must be 1 to 7168 characters without control characters')

export function policyRevisionField(wire?: string) {
  return text(/^\S{1,100}$/u, 'must be 1 to 100 characters without white space', wire)
}

export function packageGroupField(wire?: string) {
  return text(/^[^\p{C}\s]{2,520}$/u, 'must be 2 to 520 characters without white space or control characters', wire)
}

export const packageGroupPrefix = text(/^\P{C}{0,520}$/u, 'must be at most 520 characters', 'prefix')

export const groupRestrictionType = oneOf([...groupRestrictions], 'originRestrictionType')

const groupMode = Type.Optional(oneOf([...groupModes]))

export const groupRestrictionModes = Type.Object(
  { PUBLISH: groupMode, EXTERNAL_UPSTREAM: groupMode, INTERNAL_UPSTREAM: groupMode },
  {
    additionalProperties: false,
    rule: `must map restriction types (${groupRestrictions.join(', ')}) to modes (${groupModes.join(', ')})`,
  },
)

export const groupRepositories = Type.Array(
  Type.Object({ repositoryName: repositoryField(), originRestrictionType: oneOf([...groupRestrictions]) }),
  { rule: 'must be a list of objects with "repositoryName" and "originRestrictionType"' },
)

export const flag = Type.Boolean({ rule: 'must be true or false' })

export function flagField(wire: string) {
  return Type.Boolean({ rule: 'must be true or false', wire })
}
