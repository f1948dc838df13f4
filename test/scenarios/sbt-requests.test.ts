import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jar, pomText } from '../support/maven-package.ts'
import { startPackyard } from '../support/packyard.ts'
import { until } from '../support/processes.ts'
import { SbtWire } from '../support/sbt-wire.ts'
import { startUpstream } from '../support/upstream.ts'

/** sbt itself is not to be had where these tests run: the requests of coursier and Ivy are. */
test('who speaks as sbt does publishes and resolves', async (t) => {
  const upstream = await startUpstream(t, { maven: ['org.tools:tiny_3:1.5'] })
  const connections = { 'public:maven-central': { url: upstream.maven.url, ttlSeconds: 0 } }
  const yard = await startPackyard(t, { connections, processes: 1, env: { PACKYARD_FINISH_QUIET_SECONDS: '1' } })
  const [endpoint, token] = [await yard.endpoint('main', 'maven'), await yard.token()]
  const sbt = new SbtWire(endpoint, 'packyard/main', token)
  const files = (coordinates: string, content: string) => ({
    '.jar': jar(content),
    '-sources.jar': jar(`sources of ${content}`),
    '.pom': Buffer.from(pomText(coordinates)),
  })
  const release = files('com.acme:own_3:1.0', 'a release')

  await t.test('credentials are sent only to the realm that they are for', async () => {
    const other = new SbtWire(endpoint, 'packyard/other', token)
    await assert.rejects(other.publish('com.acme:own_3:1.0', release), /401/)
    assert.equal((await other.request('HEAD', 'com/acme/own_3/1.0/own_3-1.0.pom')).status, 401)
  })

  await t.test('a release without metadata is Published by itself, and resolved', async () => {
    await sbt.publish('com.acme:own_3:1.0', release)
    await until('the release to be found', async () => await sbt.resolve('com.acme:own_3:1.0'))
    assert.deepEqual(await yard.versions('main', '@com.acme/own_3', 'maven'), ['1.0 Published INTERNAL'])
    assert.deepEqual(await sbt.resolve('com.acme:own_3:1.0'), { pom: release['.pom'], jar: release['.jar'] })
    assert.deepEqual(await sbt.versions('com.acme', 'own_3'), ['1.0'])
    await assert.rejects(sbt.publish('com.acme:own_3:1.0', release), /destination file exists/)
  })

  await t.test('a snapshot without timestamps is published again and again', async () => {
    const coordinates = 'com.acme:own_3:1.1-SNAPSHOT'
    for (const content of ['first', 'second']) {
      const built = files(coordinates, content)
      await sbt.publish(coordinates, built)
      await until(`the ${content} build to be found`, async () => {
        return (await sbt.resolve(coordinates))?.jar.equals(built['.jar']) || undefined
      })
    }
  })

  await t.test('a public module comes through, and stays; a download that broke goes on where it did', async () => {
    const found = await sbt.resolve('org.tools:tiny_3:1.5')
    assert.ok(found)
    await upstream.stop()
    assert.deepEqual(await sbt.resolve('org.tools:tiny_3:1.5'), found)
    assert.deepEqual(await sbt.resume('org/tools/tiny_3/1.5/tiny_3-1.5.jar', 3), found.jar.subarray(3))
    await upstream.restart()
  })

  await t.test('what is nowhere is missing, and has no versions', async () => {
    assert.equal(await sbt.resolve('com.acme:none_3:1.0'), undefined)
    assert.deepEqual(await sbt.versions('com.acme', 'none_3'), [])
  })
})
