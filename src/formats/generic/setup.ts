import type { SetupStep } from '../format.ts'

/** What a person pastes. */
export function setup(endpoint: URL): readonly SetupStep[] {
  const base = endpoint.href.replace(/\/?$/, '/')
  const { place, token } = commandsFor(endpoint)
  const name = '--format generic --namespace my-team --package tool --package-version 1.0.0'
  return [
    {
      title: 'Publish a file',
      text:
        `aws codeartifact publish-package-version ${place} ${name} --asset-name tool.tgz --asset-content tool.tgz \\\n` +
        `  --asset-sha256 "$(sha256sum tool.tgz | cut -d ' ' -f 1)"`,
    },
    {
      title: 'Download it',
      text: `aws codeartifact get-package-version-asset ${place} ${name} --asset tool.tgz tool.tgz`,
    },
    {
      title: 'Or with curl and a token',
      text:
        `export CODEARTIFACT_AUTH_TOKEN="$(${token})"\n` +
        `curl -fsS -H "Authorization: Bearer $CODEARTIFACT_AUTH_TOKEN" -T tool.tgz ${base}my-team/tool/1.0.0/tool.tgz\n` +
        `curl -fsS -H "Authorization: Bearer $CODEARTIFACT_AUTH_TOKEN" -O ${base}my-team/tool/1.0.0/tool.tgz`,
    },
  ]
}

/** Domain and repository stand in the address, in both of its forms. */
function commandsFor(endpoint: URL): { readonly place: string; readonly token: string } {
  const repository = endpoint.pathname.split('/').findLast((segment) => segment !== '') ?? '<repository>'
  const inPath = /\/d\/([a-z][a-z0-9-]*)-(\d{12})\//.exec(endpoint.pathname)
  const [, domain = '<domain>', owner = '<account>'] =
    inPath ?? /^([a-z][a-z0-9-]*)-(\d{12})\./.exec(endpoint.host) ?? []
  const inDomain = `--domain ${domain} --domain-owner ${owner}`
  return {
    place: `${inDomain} --repository ${repository}`,
    token: `aws codeartifact get-authorization-token ${inDomain} --query authorizationToken --output text`,
  }
}
