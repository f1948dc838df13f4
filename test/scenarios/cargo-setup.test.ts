import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { AssociateExternalConnectionCommand } from '@aws-sdk/client-codeartifact'
import { cargo } from '../../src/formats/cargo/format.ts'
import { skipWithoutAws } from '../support/aws.ts'
import { CargoClient, skipWithoutCargo } from '../support/cargo.ts'
import { firstDomain, startPackyard } from '../support/packyard.ts'
import { startUpstream } from '../support/upstream.ts'

const skip = skipWithoutCargo() || skipWithoutAws

test('What is pasted makes Cargo work, with a token from the AWS CLI', { skip }, async (t) => {
  const upstream = await startUpstream(t, { cargo: ['tiny_leaf@1.0.0'] })
  const yard = await startPackyard(t, { connections: { 'public:crates-io': upstream.cargo.url }, processes: 1 })
  const store = await yard.createRepository('cargo-store', [])
  const association = { domain: firstDomain, repository: store, externalConnection: 'public:crates-io' }
  await yard.sdk.send(new AssociateExternalConnectionCommand(association))
  const repository = await yard.createRepository('team', ['npm-store', store])

  const endpoint = await yard.endpoint(repository, 'cargo')
  const client = await CargoClient.create(yard.folder, { endpoint, token: 'unused', login: 'token from a command' })
  await writeFile(join(client.home, 'config.toml'), '')
  client.setEnvironment({ ...yard.env, CARGO_HOME: client.home })
  await mkdir(join(client.project, '.cargo'))
  for (const { file, text } of cargo.setup(new URL(endpoint))) {
    if (file !== undefined) await writeFile(join(client.project, file), text)
  }
  await client.run('add tiny_leaf')
  await client.run('fetch')
  assert.deepEqual(await yard.versions(repository, 'tiny_leaf', 'cargo'), ['1.0.0 Published EXTERNAL'])
  assert.deepEqual(await yard.versions(store, 'tiny_leaf', 'cargo'), ['1.0.0 Published EXTERNAL'])
  const manifest = await readFile(join(client.project, 'Cargo.toml'), 'utf8')
  assert.match(manifest, /registry = "team"/, 'cargo add writes the default registry down')
})
