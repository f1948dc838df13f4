import type { CodeArtifact } from './codeartifact.ts'

interface Binding {
  /** Method and path. */
  readonly http: string
  /** Members that go into the JSON body; all others are query parameters. */
  readonly body?: readonly string[]
}

/** Where each member of an operation's input stands in the request. Source: CodeArtifact service model. */
const bindings = {
  ListDomains: { http: 'POST /v1/domains', body: ['maxResults', 'nextToken'] },
  CreateDomain: { http: 'POST /v1/domain', body: ['encryptionKey', 'tags'] },
  DescribeDomain: { http: 'GET /v1/domain' },
  DeleteDomain: { http: 'DELETE /v1/domain' },
  ListRepositoriesInDomain: { http: 'POST /v1/domain/repositories' },
  GetDomainPermissionsPolicy: { http: 'GET /v1/domain/permissions/policy' },
  PutDomainPermissionsPolicy: {
    http: 'PUT /v1/domain/permissions/policy',
    body: ['domain', 'domainOwner', 'policyRevision', 'policyDocument'],
  },
  DeleteDomainPermissionsPolicy: { http: 'DELETE /v1/domain/permissions/policy' },
  CreateRepository: { http: 'POST /v1/repository', body: ['description', 'upstreams', 'tags'] },
  DescribeRepository: { http: 'GET /v1/repository' },
  UpdateRepository: { http: 'PUT /v1/repository', body: ['description', 'upstreams'] },
  DeleteRepository: { http: 'DELETE /v1/repository' },
  AssociateExternalConnection: { http: 'POST /v1/repository/external-connection' },
  DisassociateExternalConnection: { http: 'DELETE /v1/repository/external-connection' },
  GetRepositoryPermissionsPolicy: { http: 'GET /v1/repository/permissions/policy' },
  PutRepositoryPermissionsPolicy: {
    http: 'PUT /v1/repository/permissions/policy',
    body: ['policyRevision', 'policyDocument'],
  },
  DeleteRepositoryPermissionsPolicy: { http: 'DELETE /v1/repository/permissions/policies' },
  ListPackages: { http: 'POST /v1/packages' },
  DescribePackage: { http: 'GET /v1/package' },
  DeletePackage: { http: 'DELETE /v1/package' },
  PutPackageOriginConfiguration: { http: 'POST /v1/package', body: ['restrictions'] },
  ListPackageVersions: { http: 'POST /v1/package/versions' },
  DescribePackageVersion: { http: 'GET /v1/package/version' },
  GetPackageVersionReadme: { http: 'GET /v1/package/version/readme' },
  ListPackageVersionDependencies: { http: 'POST /v1/package/version/dependencies' },
  ListPackageVersionAssets: { http: 'POST /v1/package/version/assets' },
  CopyPackageVersions: {
    http: 'POST /v1/package/versions/copy',
    body: ['versions', 'allowOverwrite', 'includeFromUpstream'],
  },
  DeletePackageVersions: { http: 'POST /v1/package/versions/delete', body: ['versions'] },
  DisposePackageVersions: { http: 'POST /v1/package/versions/dispose', body: ['versions'] },
  UpdatePackageVersionsStatus: {
    http: 'POST /v1/package/versions/update_status',
    body: ['versions', 'targetStatus'],
  },
  CreatePackageGroup: { http: 'POST /v1/package-group', body: ['packageGroup', 'contactInfo', 'description'] },
  DescribePackageGroup: { http: 'GET /v1/package-group' },
  UpdatePackageGroup: { http: 'PUT /v1/package-group', body: ['packageGroup', 'contactInfo', 'description'] },
  DeletePackageGroup: { http: 'DELETE /v1/package-group' },
  UpdatePackageGroupOriginConfiguration: {
    http: 'PUT /v1/package-group-origin-configuration',
    body: ['restrictions', 'addAllowedRepositories', 'removeAllowedRepositories'],
  },
  ListPackageGroups: { http: 'POST /v1/package-groups' },
  ListAllowedRepositoriesForGroup: { http: 'GET /v1/package-group-allowed-repositories' },
  ListAssociatedPackages: { http: 'GET /v1/list-associated-packages' },
  GetAssociatedPackageGroup: { http: 'GET /v1/get-associated-package-group' },
  ListTagsForResource: { http: 'POST /v1/tags' },
  TagResource: { http: 'POST /v1/tag', body: ['tags'] },
  UntagResource: { http: 'POST /v1/untag', body: ['tagKeys'] },
} as const satisfies Record<keyof CodeArtifact, Binding>

/** Query parameters that are not in kebab-case. Source: CodeArtifact service model. */
const asTheyAre = new Set(['sortBy', 'originType', 'endpointType', 'originRestrictionType', 'resourceArn'])

/** The version of a package is called `version` on the wire; so that inputs can be spread, ours is `packageVersion`. */
const renamed: Readonly<Record<string, string>> = { packageVersion: 'version' }

export interface WireRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly body: string | undefined
}

/** Members that are undefined or empty are left out. */
export function toWire(operation: keyof CodeArtifact, input: object): WireRequest {
  const { http, body = [] }: Binding = bindings[operation]
  const [method = '', path = ''] = http.split(' ')
  const members = Object.entries(input).filter(([, value]) => value !== undefined && value !== '')
  const query = members
    .filter(([name]) => !body.includes(name))
    .map(([name, value]) => [queryName(name), String(value)])
  const inBody = Object.entries(input).filter(([name, value]) => body.includes(name) && value !== undefined)
  return {
    method,
    path: query.length === 0 ? path : `${path}?${encodeQuery(query)}`,
    body: body.length === 0 ? undefined : JSON.stringify(Object.fromEntries(inBody)),
  }
}

/** Spaces are `%20`: the plus sign of forms is a plus sign here. */
function encodeQuery(pairs: readonly (readonly string[])[]): string {
  return pairs.map((pair) => pair.map((text) => encodeURIComponent(text)).join('=')).join('&')
}

function queryName(member: string): string {
  const name = renamed[member] ?? member
  return asTheyAre.has(name) ? name : name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
