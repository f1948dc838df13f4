import type { SetupStep } from '../format.ts'
import { setupPlaceOf } from '../setup-place.ts'

/** What a person pastes. */
export function setup(endpoint: URL): readonly SetupStep[] {
  const base = endpoint.href.replace(/\/?$/, '/')
  const { options, repository, tokenCommand: token } = setupPlaceOf(endpoint)
  const place = `${options} --repository ${repository}`
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
