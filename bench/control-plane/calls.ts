/** A call that is measured: `POST /v1/packages?…`. */
export interface CallCase {
  readonly title: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly body?: string
}

const domain = { domain: 'bench' }
const main = { ...domain, repository: 'main' }
/** Every size has these. */
const lib = { ...main, format: 'npm', package: 'lib-00000000' }
const wide = { ...main, format: 'npm', package: 'wide' }
const generic = { ...main, format: 'generic', namespace: 'team', package: 'tool' }
const group = { ...domain, 'package-group': '/npm/team00000/*' }
const arn = 'arn:aws:codeartifact:us-east-1:000000000000:repository/bench/main'

/** Every operation that lists or describes, and each filter that could make it look at too much. */
export const calls: readonly CallCase[] = [
  { title: 'ListDomains', method: 'POST', path: '/v1/domains', query: {}, body: '{}' },
  get('DescribeDomain', '/v1/domain', domain),
  get('GetDomainPermissionsPolicy', '/v1/domain/permissions/policy', domain),
  post('ListRepositories', '/v1/repositories', {}),
  post('ListRepositories, prefix', '/v1/repositories', { 'repository-prefix': 'bulk' }),
  post('ListRepositoriesInDomain', '/v1/domain/repositories', domain),
  post('ListRepositoriesInDomain, administrator', '/v1/domain/repositories', {
    ...domain,
    'administrator-account': '000000000000',
  }),
  get('DescribeRepository', '/v1/repository', main),
  get('GetRepositoryEndpoint', '/v1/repository/endpoint', { ...main, format: 'npm' }),
  get('GetRepositoryPermissionsPolicy', '/v1/repository/permissions/policy', main),
  post('ListPackages', '/v1/packages', main),
  post('ListPackages, format', '/v1/packages', { ...main, format: 'maven' }),
  post('ListPackages, namespace', '/v1/packages', { ...main, format: 'npm', namespace: 'team00000' }),
  post('ListPackages, prefix of few', '/v1/packages', { ...main, 'package-prefix': 'wid' }),
  post('ListPackages, prefix of all', '/v1/packages', { ...main, 'package-prefix': 'lib' }),
  post('ListPackages, format and prefix', '/v1/packages', { ...main, format: 'npm', 'package-prefix': 'wid' }),
  post('ListPackages, namespace and prefix', '/v1/packages', {
    ...main,
    format: 'npm',
    namespace: 'te',
    'package-prefix': 'lib-00000002',
  }),
  post('ListPackages, publish BLOCK', '/v1/packages', { ...main, publish: 'BLOCK' }),
  post('ListPackages, upstream ALLOW', '/v1/packages', { ...main, upstream: 'ALLOW' }),
  post('ListPackages, both ALLOW', '/v1/packages', { ...main, publish: 'ALLOW', upstream: 'ALLOW' }),
  get('DescribePackage', '/v1/package', lib),
  post('ListPackageVersions', '/v1/package/versions', lib),
  post('ListPackageVersions of 200', '/v1/package/versions', wide),
  post('ListPackageVersions, newest first', '/v1/package/versions', { ...wide, sortBy: 'PUBLISHED_TIME' }),
  post('ListPackageVersions, status', '/v1/package/versions', { ...wide, status: 'Archived' }),
  post('ListPackageVersions, origin', '/v1/package/versions', { ...wide, originType: 'EXTERNAL' }),
  get('DescribePackageVersion', '/v1/package/version', { ...lib, version: '1.0.0' }),
  get('GetPackageVersionReadme', '/v1/package/version/readme', { ...lib, version: '1.0.0' }),
  post('ListPackageVersionDependencies', '/v1/package/version/dependencies', { ...lib, version: '1.0.0' }),
  post('ListPackageVersionAssets', '/v1/package/version/assets', { ...lib, version: '1.0.0' }),
  get('GetPackageVersionAsset', '/v1/package/version/asset', { ...generic, version: '1', asset: 'a' }),
  post('ListPackageGroups', '/v1/package-groups', domain),
  post('ListPackageGroups, prefix', '/v1/package-groups', { ...domain, prefix: '/npm/' }),
  get('DescribePackageGroup', '/v1/package-group', group),
  post('ListSubPackageGroups', '/v1/package-groups/sub-groups', { ...domain, 'package-group': '/*' }),
  get('ListAllowedRepositoriesForGroup', '/v1/package-group-allowed-repositories', {
    ...group,
    originRestrictionType: 'PUBLISH',
  }),
  get('ListAssociatedPackages, all', '/v1/list-associated-packages', { ...domain, 'package-group': '/*' }),
  get('ListAssociatedPackages, a scope', '/v1/list-associated-packages', group),
  get('ListAssociatedPackages, preview', '/v1/list-associated-packages', {
    ...domain,
    'package-group': '/npm//wide$',
    preview: 'true',
  }),
  get('GetAssociatedPackageGroup', '/v1/get-associated-package-group', {
    ...domain,
    format: 'npm',
    package: 'lib-00000000',
  }),
  post('ListTagsForResource', '/v1/tags', { resourceArn: arn }),
]

export function get(title: string, path: string, query: CallCase['query']): CallCase {
  return { title, method: 'GET', path, query }
}

export function post(title: string, path: string, query: CallCase['query']): CallCase {
  return { title, method: 'POST', path, query }
}
