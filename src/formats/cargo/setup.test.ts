import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'smol-toml'
import { setup } from './setup.ts'

test('what is pasted is TOML that names the index with its final slash, in both forms of an address', () => {
  const endpoints = [
    'http://127.0.0.1:8686/cargo/d/my-acme-111122223333/team.x/',
    'https://my-acme-111122223333.packages.example/cargo/team.x',
  ]
  for (const endpoint of endpoints) {
    const file = setup(new URL(endpoint)).find((step) => step.file === '.cargo/config.toml')
    const settings = parse(file?.text ?? '')
    const token =
      'aws codeartifact get-authorization-token --domain my-acme --domain-owner 111122223333 ' +
      '--query authorizationToken --output text'
    assert.partialDeepStrictEqual(settings, {
      registries: {
        'team-x': {
          index: `sparse+${endpoint.replace(/\/?$/, '/')}`,
          'credential-provider': `cargo:token-from-stdout ${token}`,
        },
      },
      registry: { default: 'team-x' },
      source: { 'crates-io': { 'replace-with': 'team-x' } },
    })
    const texts = setup(new URL(endpoint)).map(({ text }) => text)
    assert.ok(texts.some((text) => text.includes(`CARGO_REGISTRIES_TEAM_X_TOKEN="$(${token})"`)))
  }
})
