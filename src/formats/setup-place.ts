/** What an endpoint's address says of where it is, for the commands that people paste. */
export interface SetupPlace {
  readonly domain: string
  readonly repository: string
  /** `--domain acme --domain-owner 111122223333` */
  readonly options: string
  /** Prints a token. */
  readonly tokenCommand: string
}

/** Domain and repository stand in the address, in both of its forms; what does not is left for people to fill in. */
export function setupPlaceOf(endpoint: URL): SetupPlace {
  const repository = endpoint.pathname.split('/').findLast((segment) => segment !== '') ?? '<repository>'
  const inPath = /\/d\/([a-z][a-z0-9-]*)-(\d{12})\//.exec(endpoint.pathname)
  const inHost = /^([a-z][a-z0-9-]*)-(\d{12})\./.exec(endpoint.host)
  const [, domain = '<domain>', owner = '<account>'] = inPath ?? inHost ?? []
  const options = `--domain ${domain} --domain-owner ${owner}`
  const tokenCommand = `aws codeartifact get-authorization-token ${options} --query authorizationToken --output text`
  return { domain, repository, options, tokenCommand }
}
