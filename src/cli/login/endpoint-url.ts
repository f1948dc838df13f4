/** What an address below a package endpoint says about its repository. */
export interface NamedRepository {
  readonly format: string
  readonly domain: string
  readonly domainOwner: string
  readonly repository: string
}

/**
 * From `…/{format}/d/{domain}-{owner}/{repository}/…`, or from the host `{domain}-{owner}.…`. Undefined for any other
 * address. Whether such a repository is here, and the address ours, is the server's to say.
 */
export function readRepository(address: string): NamedRepository | undefined {
  if (!URL.canParse(address)) return undefined
  const { hostname, pathname } = new URL(address)
  const inPath = /\/([a-z]+)\/d\/([a-z][a-z0-9-]{0,48}[a-z0-9])-(\d{12})\/([^/]+)(?:\/|$)/.exec(pathname)
  if (inPath) {
    const [, format = '', domain = '', domainOwner = '', repository = ''] = inPath
    return { format, domain, domainOwner, repository }
  }
  const [, domain, domainOwner] = /^([a-z][a-z0-9-]{0,48}[a-z0-9])-(\d{12})\./.exec(hostname) ?? []
  const [, format, repository] = /^\/([a-z]+)\/([^/]+)(?:\/|$)/.exec(pathname) ?? []
  if (domain === undefined || domainOwner === undefined || !format || !repository) return undefined
  return { format, domain, domainOwner, repository }
}
