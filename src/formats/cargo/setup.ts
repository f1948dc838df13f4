import type { SetupStep } from '../format.ts'
import { setupPlaceOf } from '../setup-place.ts'

/** What a person pastes. Source: CodeArtifact User Guide, "Configure and use Cargo with CodeArtifact". */
export function setup(endpoint: URL): readonly SetupStep[] {
  const index = `sparse+${endpoint.href.replace(/\/?$/, '/')}`
  const { repository, tokenCommand: token } = setupPlaceOf(endpoint)
  // A key of TOML that needs no quotes.
  const name = repository.replace(/[^A-Za-z0-9_-]/g, '-')
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
