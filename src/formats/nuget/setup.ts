import type { SetupStep } from '../format.ts'
import { setupPlaceOf } from '../setup-place.ts'

/** What a person pastes. Source: CodeArtifact User Guide, "Configure and use the nuget or dotnet CLI". */
export function setup(endpoint: URL): readonly SetupStep[] {
  const source = `${endpoint.href.replace(/\/?$/, '/')}v3/index.json`
  const { repository, tokenCommand: token } = setupPlaceOf(endpoint)
  // An element of XML is called so, which may not begin with a digit.
  const name = repository.replace(/[^A-Za-z0-9_-]/g, '-').replace(/^(?=[^A-Za-z_])/, '_')
  const insecure = endpoint.protocol === 'http:' ? ' allowInsecureConnections="true"' : ''
  const flag = endpoint.protocol === 'http:' ? ' --allow-insecure-connections' : ''
  const file = [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<configuration>',
    '  <packageSources>',
    '    <clear />',
    `    <add key="${name}" value="${source}" protocolVersion="3"${insecure} />`,
    '  </packageSources>',
    '  <packageSourceCredentials>',
    `    <${name}>`,
    '      <add key="Username" value="aws" />',
    '      <add key="ClearTextPassword" value="%CODEARTIFACT_AUTH_TOKEN%" />',
    `    </${name}>`,
    '  </packageSourceCredentials>',
    '</configuration>',
    '',
  ]
  return [
    {
      title: 'dotnet, with a token that holds for 12 hours',
      text: `dotnet nuget add source "${source}" --name ${name} --username aws --password "$(${token})" --store-password-in-clear-text${flag}`,
    },
    {
      title: 'Or a file beside the project, with the token in the environment',
      file: 'NuGet.Config',
      text: file.join('\n'),
    },
    { title: 'The token for that file', text: `export CODEARTIFACT_AUTH_TOKEN="$(${token})"` },
    { title: 'Push', text: `dotnet nuget push package.nupkg --source ${name}` },
  ]
}
