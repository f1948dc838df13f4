import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ClientName, skipWithoutClient } from '../support/clients.ts'
import { NpmWire } from '../support/npm-wire.ts'
import { startPackyard } from '../support/packyard.ts'
import { startUpstream } from '../support/upstream.ts'

test('a token that is wrong, of another installation, or missing is refused in words that clients print', async (t) => {
  const upstream = await startUpstream(t, { npm: ['tiny@1.3.0'] })
  const yard = await startPackyard(t, { connections: { 'public:npmjs': upstream.url } })
  const other = await startPackyard(t, { connections: { 'public:npmjs': upstream.url } })
  const endpoint = await yard.endpoint('main')
  const right = await yard.token()
  await yard.aws('codeartifact create-domain --domain elsewhere')
  const tokens = {
    wrong: 'not-a-token-at-all',
    'of another domain': await yard.token('elsewhere'),
    'of another installation': await other.token(),
    tampered: `${right.slice(0, -6)}AAAAAA`,
  }

  for (const [kind, token] of Object.entries(tokens)) {
    await t.test(`a token that is ${kind}`, async () => {
      const reply = await new NpmWire(endpoint, token).get('tiny')
      assert.equal(reply.status, 401)
      assert.equal(typeof reply.json().error, 'string')
      assert.equal((await new NpmWire(endpoint, token).publish('mine@1.0.0')).status, 401)
    })
    const skip = skipWithoutClient('npm 11')
    await t.test(`npm prints that a token that is ${kind} is not accepted`, { skip }, async () => {
      const npm = await yard.newClient('npm 11')
      await npm.configure(endpoint, token)
      const result = await npm.attempt('view tiny')
      assert.equal(result.code, 1)
      assert.match(result.output, /E401/)
    })
  }

  await t.test('no token at all', async () => {
    const reply = await new NpmWire(endpoint, undefined).get('tiny')
    assert.equal(reply.status, 401)
    assert.match(String(reply.json().error), /authentication|token|log in/i)
  })

  await t.test('Basic with the user aws is as good as Bearer', async () => {
    const authorization = `Basic ${Buffer.from(`aws:${right}`).toString('base64')}`
    const reply = await new NpmWire(endpoint, undefined).get('tiny', { authorization })
    assert.equal(reply.status, 200)
  })

  await t.test('nothing of all this reached the upstream or the store', async () => {
    assert.deepEqual(await yard.versions('main', 'mine'), [])
    assert.equal(upstream.count('/tiny'), 1, 'only Basic was let in')
  })

  await t.test('a token of twelve hours, thirteen hours later', async () => {
    await yard.stop()
    const ahead = encodeURIComponent('const now = Date.now; Date.now = () => now() + 13 * 3_600_000')
    await yard.server.startWith({ NODE_OPTIONS: `--import=data:text/javascript,${ahead}` })
    const reply = await new NpmWire(endpoint, right).get('tiny')
    assert.equal(reply.status, 401)
    assert.match(String(reply.json().error), /expired/)
  })
})

test('what is not there is not found, in the words of npm', async (t) => {
  const upstream = await startUpstream(t, { npm: ['tiny@1.3.0'] })
  const yard = await startPackyard(t, { processes: 1, connections: { 'public:npmjs': upstream.url } })
  const endpoint = await yard.endpoint('main')
  const wire = new NpmWire(endpoint, await yard.token())
  const paths = {
    package: 'no-such-package',
    'scoped package': '@acme%2fno-such-package',
    version: 'tiny/9.9.9',
    tarball: 'tiny/-/tiny-9.9.9.tgz',
    file: 'tiny/-/other-1.3.0.tgz',
    route: '-/all',
    repository: endpoint.replace('/main/', '/no-such-repository/') + 'tiny',
  }
  for (const [kind, path] of Object.entries(paths)) {
    await t.test(`an unknown ${kind}`, async () => {
      const reply = await wire.get(path)
      assert.equal(reply.status, 404)
      assert.match(reply.headers.get('content-type') ?? '', /^application\/json/)
      assert.equal(typeof reply.json().error, 'string')
    })
  }

  await t.test('a domain that the token is not for, be it there or not', async () => {
    assert.equal((await wire.get(endpoint.replace('/packyard-', '/no-such-domain-') + 'tiny')).status, 401)
  })

  await t.test('an unknown name is asked of the upstream once, not every time', async () => {
    const before = upstream.count('/asked-once')
    for (const _ of [1, 2, 3]) assert.equal((await wire.get('asked-once')).status, 404)
    assert.equal(upstream.count('/asked-once') - before, 1)
  })

  for (const name of ['npm 10', 'npm 11', 'pnpm 12', 'Yarn 1', 'Yarn 4', 'Bun'] satisfies ClientName[]) {
    await t.test(`${name} says that the package is not there`, { skip: skipWithoutClient(name) }, async () => {
      const client = await yard.client(name)
      const result = await client.attempt(`${client.kind.add} no-such-package`)
      assert.notEqual(result.code, 0)
      assert.match(result.output, /404|not found/i)
    })
  }

  await t.test('every spelling of a scoped name is the same package', async () => {
    assert.equal((await wire.publish('@acme/spelt@1.0.0')).status, 201)
    for (const name of ['@acme/spelt', '@acme%2fspelt', '@acme%2Fspelt', '%40acme%2fspelt', '%40acme/spelt']) {
      assert.equal((await wire.get(name)).json().name, '@acme/spelt', name)
      assert.equal((await wire.get(`${name}/-/spelt-1.0.0.tgz`)).status, 200, name)
    }
    assert.equal((await wire.get('@acme/spelt/-/@acme/spelt-1.0.0.tgz')).status, 200)
  })
})
