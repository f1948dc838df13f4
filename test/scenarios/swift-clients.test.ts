import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { AssociateExternalConnectionCommand, UpdatePackageVersionsStatusCommand } from '@aws-sdk/client-codeartifact'
import { trustOwnAuthority } from '../../src/wire/certificates.ts'
import { awsClis, runAws, skipWithoutAws } from '../support/aws.ts'
import { firstDomain, type Packyard, startPackyard } from '../support/packyard.ts'
import { until } from '../support/processes.ts'
import { skipWithoutSwift, SwiftClient } from '../support/swift.ts'
import { makeSwift } from '../support/swift-package.ts'
import { SwiftWire } from '../support/swift-wire.ts'
import { ToolUser } from '../support/tool-user.ts'

const skip = skipWithoutSwift()

test('Swift publishes, resolves and builds over HTTPS, and learns what has become of a release', {
  skip,
}, async (t) => {
  const yard = await startPackyard(t, { env: { PACKYARD_TLS: 'auto' }, processes: 2 })
  const repository = await yard.createRepository('own', [])
  const endpoint = await yard.endpoint(repository, 'swift')
  const swift = await SwiftClient.create(yard.folder, { ca: join(yard.dataDir, 'ca.pem') })
  const publish = (folder: string, release: string) =>
    swift.attempt(`package-registry publish ${release} --url ${endpoint}`, folder)

  await t.test('without a token it says what the server says, and ends', async () => {
    await swift.run(`package-registry set --global ${endpoint}`)
    await swift.depend(['acme.Gear@from: "1.0.0"'])
    const { output, code } = await swift.attempt('package resolve')
    assert.notEqual(code, 0)
    assert.match(output, /this repository needs a token/)
  })

  await t.test('login keeps the token', async () => {
    await logIn(swift, yard, endpoint)
  })

  await t.test('publish', async () => {
    const files = {
      'README.md': '# Gear',
      'Package@swift-5.9.swift': '// swift-tools-version:5.9\n#error("not for these tools")\n',
      'Package@swift-6.swift': manifestOf('Gear', '6.0'),
      'package-metadata.json': '{"description":"A gear","repositoryURLs":["https://git.example/acme/gear"]}',
    }
    const more = ' --metadata-path package-metadata.json'
    for (const version of ['1.0.0', '1.1.0']) {
      const folder = await swift.newLibrary('Gear', version, { files })
      await swift.once(`package-registry publish Acme.Gear ${version} --url ${endpoint}${more}`, folder)
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
    assert.deepEqual(await swift.locked(), { 'ACME.Gear': '1.1.0' })
  })

  await t.test('an Unlisted release is for who insists on the lock file, an Archived one for nobody', async () => {
    await move(yard, repository, 'Unlisted')
    await swift.forget()
    await swift.run('package --force-resolved-versions resolve')
    assert.deepEqual(await swift.locked(), { 'ACME.Gear': '1.1.0' })
    await swift.run('package update')
    assert.deepEqual(await swift.locked(), { 'ACME.Gear': '1.0.0' })
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

test('Swift is logged in by packyard, over HTTP too, and by the AWS CLI', { skip }, async (t) => {
  const ways = {
    'packyard login, over HTTP': { tls: false, logIn: logInByPackyard },
    'packyard login, over HTTPS': { tls: true, logIn: logInByPackyard },
    'aws codeartifact login': { tls: true, logIn: logInByAws },
  }
  for (const [way, { tls, logIn: logInBy }] of Object.entries(ways)) {
    await t.test(way, { skip: way.startsWith('aws') && skipWithoutAws }, async (inner) => {
      const yard = await startPackyard(inner, { processes: 1, env: tls ? { PACKYARD_TLS: 'auto' } : {} })
      const ca = join(yard.dataDir, 'ca.pem')
      const endpoint = await yard.endpoint('main', 'swift')
      if (tls) trustOwnAuthority(yard)
      const wire = new SwiftWire(endpoint, await yard.token())
      assert.equal((await wire.publish(makeSwift('acme.Found@1.0.0'))).status, 201)
      const swift = await SwiftClient.create(yard.folder, tls ? { ca } : {})
      await logInBy(yard, swift)
      yard.secret(/login token password (\S+)/.exec(await readFile(join(swift.home, '.netrc'), 'utf8'))?.[1] ?? '')
      await swift.depend(['acme.Found@from: "1.0.0"'])
      await swift.run('package resolve')
      assert.deepEqual(await swift.locked(), { 'acme.Found': '1.0.0' })
    })
  }
})

async function logInByPackyard(yard: Packyard, swift: SwiftClient): Promise<void> {
  const user = await ToolUser.create(yard)
  await user.logInWith({ HOME: swift.home }, 'swift')
}

/** Which runs the Swift on the path, in the folder of a package. */
async function logInByAws(yard: Packyard, swift: SwiftClient): Promise<void> {
  const path = `${await swift.program()}:${yard.env['PATH'] ?? ''}`
  const [cli] = awsClis
  assert.ok(cli)
  const command = `codeartifact login --tool swift --domain ${firstDomain} --repository main`
  const env = { ...yard.env, PATH: path, HOME: swift.home }
  const { output } = await until(
    'a login that does not break down',
    async () => {
      const result = await runAws(cli, command, env, swift.project)
      return result.code === 0 || !result.output.includes('_MultiHandle') ? result : undefined
    },
    120_000,
  )
  assert.match(output, /Successfully configured swift/)
}

/** It may break down after it has kept the token; what it kept is what counts. */
async function logIn(swift: SwiftClient, yard: Packyard, endpoint: string): Promise<void> {
  await swift.once(`package-registry login ${endpoint}login --token ${await yard.token()} --no-confirm`)
  assert.match(await readFile(join(swift.home, '.netrc'), 'utf8'), /login token password \S/)
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
