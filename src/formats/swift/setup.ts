import type { SetupStep } from '../format.ts'

/** What a person pastes. Source: CodeArtifact User Guide, "Configure the Swift Package Manager with CodeArtifact". */
export function setup(endpoint: URL): readonly SetupStep[] {
  const address = endpoint.href.replace(/\/?$/, '/')
  const { place, repository } = placeOf(endpoint)
  const token = `aws codeartifact get-authorization-token ${place} --query authorizationToken --output text`
  const insecure = endpoint.protocol === 'http:' ? '--allow-insecure-http ' : ''
  const byHand = [
    `swift package-registry set ${insecure}${address}`,
    ...(endpoint.protocol === 'https:' ? [`swift package-registry login ${address}login --token "$(${token})"`] : []),
  ]
  return [
    {
      title: 'In the folder of a package, with a token that holds for 12 hours; Swift logs in over HTTPS only',
      text: `aws codeartifact login --tool swift ${place} --repository ${repository}`,
    },
    { title: 'Or by hand', text: byHand.join('\n') },
    { title: 'Publish', text: `swift package-registry publish SCOPE.NAME VERSION --url ${address}` },
  ]
}

/** Domain and repository stand in the address, in both of its forms. */
function placeOf(endpoint: URL): { readonly place: string; readonly repository: string } {
  const inPath = /\/d\/([a-z][a-z0-9-]*)-(\d{12})\//.exec(endpoint.pathname)
  const [, domain = '<domain>', owner = '<account>'] =
    inPath ?? /^([a-z][a-z0-9-]*)-(\d{12})\./.exec(endpoint.host) ?? []
  const repository = endpoint.pathname.split('/').findLast((segment) => segment !== '') ?? '<repository>'
  return { place: `--domain ${domain} --domain-owner ${owner}`, repository }
}
