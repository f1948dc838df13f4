import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { AssociateExternalConnectionCommand, UpdatePackageVersionsStatusCommand } from '@aws-sdk/client-codeartifact'
import { firstDomain, type Packyard, startPackyard } from '../support/packyard.ts'
import { skipWithoutSwift, SwiftClient } from '../support/swift.ts'
import { makeSwift } from '../support/swift-package.ts'
import { SwiftWire } from '../support/swift-wire.ts'

const skip = skipWithoutSwift()

test('Swift publishes, resolves and builds over HTTPS, and learns what has become of a release', {
  skip,
}, async (t) => {
  const yard = await startPackyard(t, { env: { PACKYARD_TLS: 'auto' }, processes: 2 })
  const repository = await yard.createRepository('own', [])
  const endpoint = await yard.endpoint(repository, 'swift')
  const swift = await SwiftClient.create(yard.folder, { ca: join(yard.dataDir, 'ca.pem') })
  const publish = (folder: string, release: string, more = '') =>
    swift.attempt(`package-registry publish ${release} --url ${endpoint}${more}`, folder)

  await t.test('without a token it says what the server says, and ends', async () => {
    await swift.run(`package-registry set --global ${endpoint}`)
    await swift.depend(['acme.Gear@from: "1.0.0"'])
    const { output, code } = await swift.attempt('package resolve')
    assert.notEqual(code, 0)
    assert.match(output, /this repository needs a token/)
  })

  await t.test('login keeps the token', async () => {
    await logIn(swift, yard, endpoint)
    assert.match(await readFile(join(swift.home, '.netrc'), 'utf8'), /login token/)
  })

  await t.test('publish', async () => {
    const files = {
      'README.md': '# Gear',
      'Package@swift-5.9.swift': '// swift-tools-version:5.9\n#error("not for these tools")\n',
      'Package@swift-6.swift': manifestOf('Gear', '6.0'),
      'package-metadata.json': '{"description":"A gear","repositoryURLs":["https://git.example/acme/gear"]}',
    }
    for (const version of ['1.0.0', '1.1.0']) {
      const folder = await swift.newLibrary('Gear', version, { files })
      const more = ' --metadata-path package-metadata.json'
      const published = await publish(folder, `Acme.Gear ${version}`, more)
      assert.match(published.output, /was successfully published/)
    }
    assert.deepEqual(await yard.versions(repository, '@acme/gear', 'swift'), [
      '1.0.0 Published INTERNAL',
      '1.1.0 Published INTERNAL',
    ])
    const again = await publish(join(swift.folder, 'Gear-1.1.0'), 'Acme.Gear 1.1.0')
    assert.notEqual(again.code, 0)
    assert.match(again.output, /409: release 1\.1\.0 of Acme\.Gear is Published in this repository already/)
    const twin = await publish(join(swift.folder, 'Gear-1.1.0'), 'acme.gear 1.2.0')
    assert.match(twin.output, /409: package acme\.gear is published as Acme\.Gear/)
  })

  await t.test('build, in whatever case a dependency is written', async () => {
    await swift.depend(['ACME.Gear@from: "1.0.0"'])
    const { stdout } = await swift.run('run')
    assert.match(stdout, /^Gear 1\.1\.0$/m)
    assert.deepEqual(await swift.locked(), { 'acme.gear': '1.1.0' })
  })

  await t.test('an Unlisted release is for lock files only, an Archived one for nobody', async () => {
    await move(yard, repository, 'Unlisted')
    await swift.forget()
    await swift.run('package resolve')
    assert.deepEqual(await swift.locked(), { 'acme.gear': '1.1.0' })
    await swift.unlock()
    await swift.run('package update')
    assert.deepEqual(await swift.locked(), { 'acme.gear': '1.0.0' })
    await move(yard, repository, 'Archived')
    await swift.forget()
    await swift.depend(['acme.Gear@exact: "1.1.0"'])
    const { output, code } = await swift.attempt('package resolve')
    assert.notEqual(code, 0)
    assert.match(output, /1\.1\.0/)
    await move(yard, repository, 'Published')
    await swift.run('package resolve')
  })
})

test('Swift builds what comes from another registry, and again without it', { skip }, async (t) => {
  const outside = await startPackyard(t, { processes: 1 })
  const given = new SwiftWire(await outside.endpoint('main', 'swift'), await outside.token())
  for (const version of ['1.0.0', '2.0.0']) {
    const repositoryURLs = ['https://git.example/far/away']
    const reply = await given.publish(makeSwift({ id: 'far.Away', version, metadata: { repositoryURLs } }))
    assert.equal(reply.status, 201, reply.text())
  }
  const upstream = { format: 'swift', url: given.endpoint, token: await outside.token() }
  const yard = await startPackyard(t, {
    env: { PACKYARD_TLS: 'auto' },
    processes: 1,
    connections: { 'corp:swift': upstream },
  })
  const repository = await yard.createRepository('mixed', [])
  const association = { domain: firstDomain, repository, externalConnection: 'corp:swift' }
  await yard.sdk.send(new AssociateExternalConnectionCommand(association))
  const endpoint = await yard.endpoint(repository, 'swift')
  const swift = await SwiftClient.create(yard.folder, { ca: join(yard.dataDir, 'ca.pem') })
  await swift.run(`package-registry set --global ${endpoint}`)
  await logIn(swift, yard, endpoint)

  await swift.depend(['far.Away@from: "1.0.0"'])
  assert.match((await swift.run('run')).stdout, /^Away 1\.0\.0$/m)
  assert.deepEqual(await yard.versions(repository, '@far/away', 'swift'), ['1.0.0 Published EXTERNAL'])

  await outside.stop()
  await swift.forget()
  assert.match((await swift.run('run')).stdout, /^Away 1\.0\.0$/m)
})

/** It may break down after it has kept the token; what it kept is what counts. */
async function logIn(swift: SwiftClient, yard: Packyard, endpoint: string): Promise<void> {
  const { output } = await swift.attempt(
    `package-registry login ${endpoint}login --token ${await yard.token()} --no-confirm`,
  )
  assert.match(output, /Login successful/)
}

function move(yard: Packyard, repository: string, targetStatus: 'Unlisted' | 'Archived' | 'Published') {
  const input = { domain: firstDomain, repository, format: 'swift', namespace: 'acme', package: 'gear' } as const
  return yard.sdk.send(new UpdatePackageVersionsStatusCommand({ ...input, versions: ['1.1.0'], targetStatus }))
}

function manifestOf(name: string, tools: string): string {
  return `// swift-tools-version: ${tools}
import PackageDescription
let package = Package(
  name: "${name}",
  products: [.library(name: "${name}", targets: ["${name}"])],
  targets: [.target(name: "${name}")]
)
`
}
