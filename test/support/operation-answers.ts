import { createHash } from 'node:crypto'
import { aRevision, aTime, type Matcher } from './answer-shape.ts'
import { OWNER } from './control-plane.ts'

/** What operations answer about a domain `acme` and what is in it, with every member. */

const region = 'arn:aws:codeartifact:eu-west-1'
export const arn = (resource: string) => `${region}:${OWNER}:${resource}`
export const hash = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('hex')

export const domain = { domain: 'acme' }
export const team = { ...domain, repository: 'team' }
export const widgets = { format: 'npm', namespace: 'acme', package: 'widgets' } as const
export const tool = { format: 'generic', namespace: 'core', package: 'tool' } as const
export const tags = [{ key: 'team', value: 'core' }]
export const policyDocument = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: 'codeartifact:DescribeDomain', Resource: '*' }],
})
const aKeyArn: Matcher = (value) => /^arn:aws:kms:eu-west-1:111122223333:key\/[0-9a-f-]{36}$/.test(String(value))
export const aToken: Matcher = (value) => /^eyJ[A-Za-z0-9._~-]{100,2000}$/.test(String(value))
export const aSize: Matcher = (value) => typeof value === 'number' && value > 0
export const bytes: Matcher = (value) => typeof value === 'object' && value !== null

export function domainShape(more: object = {}) {
  return {
    name: 'acme',
    owner: OWNER,
    arn: arn('domain/acme'),
    status: 'Active',
    createdTime: aTime,
    encryptionKey: aKeyArn,
    ...more,
  }
}

export const domainDescription = (repositoryCount: number, assetSizeBytes: number | Matcher) =>
  domainShape({ repositoryCount, assetSizeBytes, s3BucketArn: `arn:aws:s3:::assets-${OWNER}-eu-west-1` })

export function repositoryShape(name: string, more: object = {}) {
  const owner = { administratorAccount: OWNER, domainName: 'acme', domainOwner: OWNER }
  return { name, ...owner, arn: arn(`repository/acme/${name}`), createdTime: aTime, ...more }
}

export const repositoryDescription = (name: string, more: object = {}) =>
  repositoryShape(name, { upstreams: [], externalConnections: [], ...more })

const inherited = {
  mode: 'INHERIT',
  effectiveMode: 'ALLOW',
  inheritedFrom: { arn: arn('package-group/acme/%2a'), pattern: '/*' },
  repositoriesCount: 0,
}

function groupShape(pattern: string, more: object = {}) {
  return {
    arn: arn(`package-group/acme${pattern.replaceAll('*', '%2a')}`),
    pattern,
    domainName: 'acme',
    domainOwner: OWNER,
    createdTime: aTime,
    ...more,
  }
}

export const npmGroup = (more: object = {}, restrictions: object = {}) =>
  groupShape('/npm/*', {
    originConfiguration: {
      restrictions: {
        PUBLISH: inherited,
        EXTERNAL_UPSTREAM: inherited,
        INTERNAL_UPSTREAM: inherited,
        ...restrictions,
      },
    },
    parent: { arn: arn('package-group/acme/%2a'), pattern: '/*' },
    ...more,
  })

const allowed = { mode: 'ALLOW', effectiveMode: 'ALLOW', repositoriesCount: 0 }
export const rootGroup = groupShape('/*', {
  originConfiguration: {
    restrictions: { PUBLISH: allowed, EXTERNAL_UPSTREAM: allowed, INTERNAL_UPSTREAM: allowed },
  },
})

export const ownPackage = { restrictions: { publish: 'ALLOW', upstream: 'BLOCK' } }
export const versionAt = { ...team, ...widgets, packageVersion: '1.0.0' }
export const origin = { domainEntryPoint: { repositoryName: 'team' }, originType: 'INTERNAL' }
export const assetShape = (name: string, content: string) => ({
  name,
  size: content.length,
  hashes: {
    MD5: hash('md5', content),
    'SHA-1': hash('sha1', content),
    'SHA-256': hash('sha256', content),
    'SHA-512': hash('sha512', content),
  },
})
export const policyOf = (resource: string) => ({
  policy: { resourceArn: arn(resource), revision: aRevision, document: policyDocument },
})
export const successful = (status: string) => ({
  successfulVersions: { '1.0.0': { revision: aRevision, status } },
  failedVersions: {},
})
