import { redactTarget } from '../../http/access-log.ts'

export interface AskedRepository {
  readonly id: string
  readonly name: string
  readonly domain: { readonly owner: string; readonly name: string }
}

export interface AskedPackage {
  readonly format: string
  readonly namespace: string
  readonly name: string
}

/** What a request of a package manager asked for. */
export interface PackageRequest {
  readonly method: string
  readonly path: string
  readonly repository: AskedRepository | undefined
  readonly package: AskedPackage | undefined
  /** Of an asset. */
  readonly version: string | undefined
}

/** What its record says of it. It goes by the permission that it needs. */
export function packageFacts({ method, path, repository, package: name, version }: PackageRequest) {
  const readOnly = method === 'GET' || method === 'HEAD'
  return {
    eventSource: 'codeartifact.amazonaws.com',
    eventName: readOnly
      ? 'ReadFromRepository'
      : method === 'DELETE'
        ? 'DeletePackageVersions'
        : 'PublishPackageVersion',
    readOnly,
    requestParameters: {
      ...(repository && {
        domainName: repository.domain.name,
        domainOwner: repository.domain.owner,
        repositoryName: repository.name,
      }),
      ...(name && { packageFormat: name.format, packageName: name.name }),
      ...(name && name.namespace !== '' && { packageNamespace: name.namespace }),
      ...(version !== undefined && { packageVersion: version }),
    },
    additionalEventData: { httpMethod: method, requestUri: withoutRepository(redactTarget(path, '')).slice(0, 1000) },
  }
}

/** `/npm/d/acme-111122223333/main/left-pad` → `/npm/left-pad` */
function withoutRepository(path: string): string {
  return path.replace(/^.*?(\/[a-z]+)\/d\/[^/]+\/[^/]+/, '$1')
}
