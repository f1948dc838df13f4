import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'

/** A record as CloudTrail would carry it; only what is looked up by. */
export interface TrailRecord {
  readonly eventID: string
  readonly eventName: string
  readonly eventSource: string
  readonly awsRegion: string
  readonly readOnly: boolean
  readonly recipientAccountId: string
  readonly userIdentity: {
    readonly accountId: string
    readonly arn: string
    readonly userName?: string
    readonly accessKeyId?: string
  }
  readonly requestParameters: Readonly<Record<string, unknown>> | null
}

/** What is known of a record's object before the rest of it is. */
type RecordObject = Pick<TrailRecord, 'awsRegion' | 'eventSource' | 'requestParameters'>

/** A record and when it was made. Unit: ms since 1970. */
export interface TimedRecord {
  readonly at: number
  readonly record: TrailRecord
}

/** By what records are looked up. Source: CloudTrail API Reference, `LookupAttribute`; `EventId` is found by its time. */
export const lookupAttributes = [
  'EventName',
  'EventSource',
  'Username',
  'AccessKeyId',
  'ReadOnly',
  'ResourceName',
  'ResourceType',
] as const

export type LookupAttribute = (typeof lookupAttributes)[number]

/** Who may see it: whoever did it, and whoever owns what it was done to. */
export function accountsOf({ userIdentity, recipientAccountId }: TrailRecord): string[] {
  const { accountId } = userIdentity
  return accountId === recipientAccountId ? [accountId] : [accountId, recipientAccountId]
}

export function usernameOf({ userIdentity }: TrailRecord): string {
  return userIdentity.userName ?? userIdentity.arn.slice(userIdentity.arn.lastIndexOf('/') + 1)
}

export interface TrailResource {
  readonly ResourceType?: string
  readonly ResourceName: string
}

const PACKAGE_TYPE = 'AWS::CodeArtifact::Package'

/** What it was done to. */
export function resourcesOf({ requestParameters, awsRegion, eventSource }: RecordObject): TrailResource[] {
  const text = (name: string) => {
    const value = requestParameters?.[name]
    return typeof value === 'string' ? value : undefined
  }
  if (eventSource !== 'codeartifact.amazonaws.com') {
    const names = namingParameters.map(text).filter((name) => name !== undefined)
    return names.map((ResourceName) => ({ ResourceName }))
  }
  const domain = text('domainName')
  if (domain === undefined) return []
  const arn = `arn:aws:codeartifact:${awsRegion}:${text('domainOwner') ?? ''}`
  const resources = [{ ResourceType: 'AWS::CodeArtifact::Domain', ResourceName: `${arn}:domain/${domain}` }]
  const repository = text('repositoryName')
  if (repository === undefined) return resources
  const place = `${domain}/${repository}`
  resources.push({ ResourceType: 'AWS::CodeArtifact::Repository', ResourceName: `${arn}:repository/${place}` })
  const name = text('packageName')
  if (name === undefined) return resources
  const path = `${text('packageFormat') ?? ''}/${text('packageNamespace') ?? ''}/${name}`
  resources.push({ ResourceType: PACKAGE_TYPE, ResourceName: `${arn}:package/${place}/${path}` })
  return resources
}

/** Parameters that name what other services are asked about. */
const namingParameters = ['keyId', 'name', 'rule', 'resourceARN', 'userName', 'groupName', 'roleName', 'policyArn']

/** Every value by which a record is found; of resources the ARN and the bare name. */
export function valuesOf(record: TrailRecord, attribute: LookupAttribute): string[] {
  switch (attribute) {
    case 'EventName':
      return [record.eventName]
    case 'EventSource':
      return [record.eventSource]
    case 'Username':
      return [usernameOf(record)]
    case 'AccessKeyId':
      return record.userIdentity.accessKeyId === undefined ? [] : [record.userIdentity.accessKeyId]
    case 'ReadOnly':
      return [String(record.readOnly)]
    case 'ResourceType':
      return resourcesOf(record).flatMap(({ ResourceType = [] }) => ResourceType)
    case 'ResourceName':
      return resourceNamesOf(record)
  }
}

function resourceNamesOf(record: RecordObject): string[] {
  const bare = ['domainName', 'repositoryName', 'packageName'].map((name) => record.requestParameters?.[name])
  const names = bare.filter((name) => typeof name === 'string')
  return [...resourcesOf(record).map(({ ResourceName }) => ResourceName), ...names]
}

/** Every key by which a record is found. */
export function keysOf(record: TrailRecord, keyOf: LookupKeys): number[] {
  const keys = lookupAttributes.flatMap((attribute) =>
    valuesOf(record, attribute).map((value) => keyOf(attribute, value)),
  )
  return [keyOf('any', ''), ...keys]
}

/** Those among them that a package adds to its repository's. */
export function packageKeysOf(packageName: string, keyOf: LookupKeys): number[] {
  return [keyOf('ResourceType', PACKAGE_TYPE), keyOf('ResourceName', packageName)]
}

/**
 * 52 bits of a hash: a number that every database keeps exactly. Two values that share one are told apart by reading; so
 * are a resource's ARN and its bare name, as each would be a row for every package of a segment.
 */
export function lookupKey(attribute: LookupAttribute | 'any', value: string): number {
  const name = attribute === 'ResourceName' ? value.slice(value.lastIndexOf('/') + 1) : value
  const digest = createHash('sha256').update(`${attribute}\0${name}`).digest()
  return digest.readUIntBE(0, 6) * 16 + ((digest[6] ?? 0) & 15)
}

/** `lookupKey`, or what remembers its answers. */
export type LookupKeys = typeof lookupKey

/** Answers remembered, some 200 bytes each: nearly all that one record is found by is what others are found by. Ours. */
const REMEMBERED_MAX = 5_000

export function createLookupKeys(): LookupKeys {
  const remembered = new LRUCache<string, number>({ max: REMEMBERED_MAX })
  return (attribute, value) => {
    const name = `${attribute}\0${value}`
    let key = remembered.get(name)
    if (key === undefined) {
      key = lookupKey(attribute, value)
      remembered.set(name, key)
    }
    return key
  }
}
