import assert from 'node:assert/strict'
import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { awsClis, skipWithoutAws } from '../support/aws.ts'
import { type ClientName, skipWithoutClient } from '../support/clients.ts'
import { startPackyard } from '../support/packyard.ts'
import { startUpstream } from '../support/upstream.ts'

const login = 'codeartifact login --tool npm --domain packyard --repository main'

test('what aws codeartifact login writes is all that the clients need', { skip: skipWithoutAws }, async (t) => {
  const upstream = await startUpstream(t, { npm: ['tiny@1.3.0', '@tools/deep@2.0.0'] })
  const yard = await startPackyard(t, { connections: { 'public:npmjs': upstream.url } })
  const loggedIn = await yard.newClient('npm 11')

  for (const cli of awsClis) {
    await t.test(`${cli.name} logs npm in`, { skip: skipWithoutClient('npm 11') }, async () => {
      const result = await yard.attemptAws(login, { cli, home: loggedIn.home })
      assert.equal(result.code, 0, result.output)
      assert.match(result.output, /Successfully configured npm to use AWS CodeArtifact repository/)
      const settings = await readFile(join(loggedIn.home, '.npmrc'), 'utf8')
      assert.ok(settings.includes(`registry=${await yard.endpoint('main')}`), 'the endpoint ends with a slash')
      yard.secret(/:_authToken=(\S+)/.exec(settings)?.[1] ?? '')
      assert.match((await loggedIn.run('whoami')).stdout, /^\S+\n$/)
    })
  }

  await t.test('npm publishes a private package and installs it next to public ones', async () => {
    await loggedIn.publish({ name: '@acme/widgets', version: '1.0.0', dependencies: { tiny: '^1.0.0' } })
    await loggedIn.add('@acme/widgets', '@tools/deep')
    assert.equal(await loggedIn.installed('@acme/widgets'), '@acme/widgets@1.0.0')
    assert.equal(await loggedIn.installed('tiny'), 'tiny@1.3.0')
    assert.deepEqual(await yard.versions('main', '@acme/widgets'), ['1.0.0 Published INTERNAL'])
    assert.deepEqual(await yard.versions('main', 'tiny'), ['1.3.0 Published EXTERNAL'])
    assert.deepEqual(await yard.versions('npm-store', 'tiny'), ['1.3.0 Published EXTERNAL'])
  })

  for (const name of ['npm 10', 'pnpm 12', 'Bun'] satisfies ClientName[]) {
    await t.test(`${name} works with the same settings`, { skip: skipWithoutClient(name) }, async () => {
      const client = await yard.newClient(name)
      await copyFile(join(loggedIn.home, '.npmrc'), join(client.home, '.npmrc'))
      const own = `@acme/by-${name.toLowerCase().replace(' ', '')}`
      await client.publish({ name: own, version: '1.0.0' })
      await client.add(own, 'tiny')
      assert.equal(await client.installed(own), `${own}@1.0.0`)
      assert.equal(await client.installed('tiny'), 'tiny@1.3.0')
    })
  }

  await t.test('a wrong repository is refused in words', async () => {
    const result = await yard.attemptAws(login.replace('repository main', 'repository no-such-repository'))
    assert.notEqual(result.code, 0)
    assert.match(result.output, /ResourceNotFoundException.*no-such-repository/s)
  })
})
