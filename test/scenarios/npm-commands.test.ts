import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type PackageClient, skipWithoutClient } from '../support/clients.ts'
import { NpmWire } from '../support/npm-wire.ts'
import { type Packyard, startPackyard } from '../support/packyard.ts'
import { testOnEachSetup } from '../support/setups.ts'
import { startUpstream } from '../support/upstream.ts'

const skip = skipWithoutClient('npm 11')

testOnEachSetup('npm speaks to its own packages with every command', { skip }, async (t, setup) => {
  const upstream = await startUpstream(t, { npm: ['tiny@1.3.0'] })
  const yard = await setup.start({ connections: { 'public:npmjs': upstream.url } })
  const npm = await yard.client('npm 11')
  await tagCommands(t, yard, npm)
  await deprecateCommands(t, npm)
  await ownerCommands(t, yard, npm)
  await unpublishCommands(t, yard, npm)
})

async function tagCommands(t: TestContext, yard: Packyard, npm: PackageClient): Promise<void> {
  await t.test('dist-tags are added, listed, moved and removed', async () => {
    await npm.publish({ name: '@acme/tagged', version: '1.0.0' })
    await npm.publish({ name: '@acme/tagged', version: '2.0.0-rc.1' }, '--tag next')
    assert.deepEqual(lines(await npm.run('dist-tag ls @acme/tagged')), ['latest: 1.0.0', 'next: 2.0.0-rc.1'])
    await npm.run('dist-tag add @acme/tagged@1.0.0 stable')
    await npm.run('dist-tag add @acme/tagged@1.0.0 next')
    await npm.run('dist-tag rm @acme/tagged stable')
    assert.deepEqual(lines(await npm.run('dist-tag ls @acme/tagged')), ['latest: 1.0.0', 'next: 1.0.0'])
    await npm.add('@acme/tagged@next')
    assert.equal(await npm.installed('@acme/tagged'), '@acme/tagged@1.0.0')
    assert.deepEqual(await yard.versions('main', '@acme/tagged'), [
      '1.0.0 Published INTERNAL',
      '2.0.0-rc.1 Published INTERNAL',
    ])
  })

  await t.test('latest can not be removed, and a tag must not look like a range', async () => {
    const removed = await npm.attempt('dist-tag rm @acme/tagged latest')
    assert.equal(removed.code, 1)
    const ranged = await npm.attempt('dist-tag add @acme/tagged@1.0.0 1.x')
    assert.equal(ranged.code, 1)
    const unknown = await npm.attempt('dist-tag add @acme/tagged@9.9.9 odd')
    assert.match(unknown.output, /E404/)
    assert.deepEqual(lines(await npm.run('dist-tag ls @acme/tagged')), ['latest: 1.0.0', 'next: 1.0.0'])
  })
}

async function deprecateCommands(t: TestContext, npm: PackageClient): Promise<void> {
  await t.test('deprecate says so to who installs, and can be taken back', async () => {
    await npm.publish({ name: 'ageing', version: '1.0.0' })
    await npm.publish({ name: 'ageing', version: '1.1.0' })
    await npm.run('deprecate ageing@1.0.0 use-1.1')
    const warned = await npm.run('install ageing@1.0.0')
    assert.match(warned.output, /deprecated ageing@1\.0\.0: use-1\.1/)
    assert.deepEqual(JSON.parse((await npm.run('view ageing versions --json')).stdout), ['1.0.0', '1.1.0'])
    assert.equal((await npm.run('view ageing@1.1.0 deprecated')).stdout.trim(), '')
    await npm.run('undeprecate ageing@1.0.0')
    await npm.forget()
    assert.doesNotMatch((await npm.run('install ageing@1.0.0')).output, /deprecated/)
  })
}

async function ownerCommands(t: TestContext, yard: Packyard, npm: PackageClient): Promise<void> {
  await t.test('owner commands lose no version', async () => {
    await npm.publish({ name: 'owned', version: '1.0.0' })
    await npm.attempt('owner add somebody owned')
    await npm.attempt('owner ls owned')
    await npm.attempt('owner rm somebody owned')
    assert.deepEqual(await yard.versions('main', 'owned'), ['1.0.0 Published INTERNAL'])
    await npm.add('owned@1.0.0')
  })
}

async function unpublishCommands(t: TestContext, yard: Packyard, npm: PackageClient): Promise<void> {
  await t.test('unpublish takes one version, then the package', async () => {
    for (const version of ['1.0.0', '1.1.0', '1.2.0']) await npm.publish({ name: '@acme/gone', version })
    await npm.run('unpublish @acme/gone@1.1.0')
    assert.deepEqual(await yard.versions('main', '@acme/gone'), [
      '1.0.0 Published INTERNAL',
      '1.2.0 Published INTERNAL',
    ])
    assert.deepEqual(JSON.parse((await npm.run('view @acme/gone versions --json')).stdout), ['1.0.0', '1.2.0'])
    await npm.run('unpublish @acme/gone --force')
    assert.deepEqual(await yard.versions('main', '@acme/gone'), [])
    assert.match((await npm.attempt('view @acme/gone')).output, /E404/)
  })
}

test('npm asks a repository who, what and whether', { skip }, async (t) => {
  const upstream = await startUpstream(t, {
    npm: ['tiny@1.3.0', { name: 'holed', version: '1.0.0', manifest: { vulnerable: true } }],
  })
  const yard = await startPackyard(t, { connections: { 'public:npmjs': upstream.url } })
  const npm = await yard.client('npm 11')
  await npm.publish({ name: '@acme/widgets', version: '1.0.0', manifest: { description: 'Round ones' } })

  await t.test('ping and whoami', async () => {
    assert.match((await npm.run('ping')).output, /PONG/)
    assert.equal((await npm.run('whoami')).stdout.trim(), 'admin')
  })

  await t.test('view shows own and public packages', async () => {
    const own = JSON.parse((await npm.run('view @acme/widgets --json')).stdout)
    assert.equal(own.description, 'Round ones')
    assert.match(own.dist.integrity, /^sha512-/)
    const publicOne = JSON.parse((await npm.run('view tiny --json')).stdout)
    assert.equal(publicOne.time['1.3.0'], '2024-02-03T04:05:06.789Z')
    assert.match((await npm.attempt('view nobody-has-this')).output, /E404/)
  })

  await t.test('search finds own packages', async () => {
    const found = JSON.parse((await npm.run('search widgets --json')).stdout)
    assert.deepEqual(
      found.map(({ name, version }: { name: string; version: string }) => `${name}@${version}`),
      ['@acme/widgets@1.0.0'],
    )
  })

  await t.test('audit tells what the upstream knows, and nothing is no error', async () => {
    await npm.add('tiny')
    assert.match((await npm.run('audit')).output, /found 0 vulnerabilities/)
    const added = await npm.run('install holed')
    assert.match(added.output, /1 high severity vulnerability/)
    const audited = await npm.attempt('audit --json')
    assert.equal(audited.code, 1)
    assert.equal(JSON.parse(audited.stdout).vulnerabilities.holed.severity, 'high')
    await upstream.stop()
    const alone = await npm.attempt('audit')
    assert.match(alone.output, /found 0 vulnerabilities/, 'an upstream that is down makes no audit fail')
    await upstream.restart()
  })

  await t.test('login with a user name and a password is refused in words', async () => {
    const answers = { 'Username:': 'bob', 'Password:': 'secret-of-bob' }
    const result = await npm.attempt('login --auth-type=legacy', npm.project, answers)
    assert.equal(result.code, 1)
    assert.match(result.output, /aws codeartifact login/)
  })

  await t.test('doctor is content with the registry', async () => {
    const result = await npm.attempt('doctor connection registry')
    assert.match(result.output, /Connecting to the registry\s+Ok/)
  })
})

test('signatures and attestations of public packages come through', async (t) => {
  const attested = { name: '@tools/signed', version: '1.0.0', manifest: { attested: true } }
  const upstream = await startUpstream(t, { npm: ['tiny@1.3.0', attested] })
  const yard = await startPackyard(t, { connections: { 'public:npmjs': upstream.url } })
  const [endpoint, token] = [await yard.endpoint('main'), await yard.token()]
  const wire = new NpmWire(endpoint, token)

  await t.test('the keys are those of the upstream', async () => {
    const theirs = await new NpmWire(upstream.url, undefined).get('-/npm/v1/keys')
    assert.deepEqual((await wire.get('-/npm/v1/keys')).json(), theirs.json())
  })

  await t.test('an attestation is asked of this repository, and is the upstream’s own', async () => {
    const document = (await wire.get('@tools%2fsigned')).json() as { versions: Record<string, { dist: SignedDist }> }
    const dist = document.versions['1.0.0']?.dist
    assert.equal(dist?.signatures.length, 1)
    assert.ok(dist?.attestations.url.startsWith(`${endpoint}-/npm/v1/attestations/`), dist?.attestations.url)
    const reply = await wire.get(dist?.attestations.url ?? '')
    const path = '/-/npm/v1/attestations/@tools/signed@1.0.0'
    assert.deepEqual(reply.json().attestations, [{ predicateType: 'https://slsa.dev/provenance/v1', bundle: { path } }])
  })

  await t.test('pnpm finds every signature right', { skip: skipWithoutClient('pnpm 12') }, async () => {
    const pnpm = await yard.client('pnpm 12')
    await pnpm.add('tiny', '@tools/signed')
    assert.match((await pnpm.run('audit signatures')).output, /2 packages have verified registry signatures/)
  })
})

interface SignedDist {
  readonly signatures: readonly object[]
  readonly attestations: { readonly url: string }
}

function lines({ stdout }: { stdout: string }): string[] {
  return stdout.trim().split('\n')
}
