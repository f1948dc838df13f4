import type { SetupStep } from '../format.ts'

/** What a person pastes. Source: CodeArtifact User Guide, "Configure and use Cargo with CodeArtifact". */
export function setup(endpoint: URL): readonly SetupStep[] {
  const index = `sparse+${endpoint.href.replace(/\/?$/, '/')}`
  const { name, token } = commandsFor(endpoint)
  const variable = name.toUpperCase().replaceAll('-', '_')
  const settings = [
    `[registries.${name}]`,
    `index = "${index}"`,
    `credential-provider = "cargo:token-from-stdout ${token}"`,
    '',
    '[registry]',
    `default = "${name}"`,
    '',
    '[source.crates-io]',
    `replace-with = "${name}"`,
    '',
  ]
  return [
    { title: 'Cargo: everything through this repository', file: '.cargo/config.toml', text: settings.join('\n') },
    {
      title: 'Where Cargo finds no AWS CLI: a token from the environment, which holds for 12 hours',
      text:
        `export CARGO_REGISTRIES_${variable}_CREDENTIAL_PROVIDER=cargo:token\n` +
        `export CARGO_REGISTRIES_${variable}_TOKEN="$(${token})"`,
    },
    { title: 'Publish', text: `cargo publish --registry ${name}` },
  ]
}

/** Domain and repository stand in the address, in both of its forms. */
function commandsFor(endpoint: URL): { readonly name: string; readonly token: string } {
  const inPath = /\/d\/([a-z][a-z0-9-]*)-(\d{12})\//.exec(endpoint.pathname)
  const [, domain = '<domain>', owner = '<account>'] =
    inPath ?? /^([a-z][a-z0-9-]*)-(\d{12})\./.exec(endpoint.host) ?? []
  const repository = endpoint.pathname.split('/').findLast((segment) => segment !== '') ?? 'packyard'
  const place = `--domain ${domain} --domain-owner ${owner}`
  return {
    // A key of TOML that needs no quotes.
    name: repository.replace(/[^A-Za-z0-9_-]/g, '-'),
    token: `aws codeartifact get-authorization-token ${place} --query authorizationToken --output text`,
  }
}
