import assert from 'node:assert/strict'
import { skipWithoutClient } from '../support/clients.ts'
import { NpmWire } from '../support/npm-wire.ts'
import { until } from '../support/processes.ts'
import { testOnEachSetup } from '../support/setups.ts'
import { startUpstream } from '../support/upstream.ts'

testOnEachSetup('an upstream that is down takes nothing away', {}, async (t, setup) => {
  const upstream = await startUpstream(t, { npm: ['tiny@1.2.0', 'tiny@1.3.0', 'never-seen@1.0.0'] })
  const connection = { url: upstream.url, ttlSeconds: 0 }
  const yard = await setup.start({ connections: { 'public:npmjs': connection } })
  const wire = new NpmWire(await yard.endpoint('main'), await yard.token())
  const skip = skipWithoutClient('npm 11')

  await t.test('a lock file is installed without it, from an empty cache', { skip }, async () => {
    const npm = await yard.client('npm 11')
    await npm.add('tiny@1.3.0')
    await upstream.stop()
    await npm.forget()
    await npm.run('ci')
    assert.equal(await npm.installed('tiny'), 'tiny@1.3.0')
  })

  await t.test('what it said last is still served, with a warning, over a restart', async () => {
    await yard.restart()
    const reply = await wire.get('tiny')
    assert.equal(reply.status, 200)
    assert.deepEqual(Object.keys(reply.json().versions as object), ['1.2.0', '1.3.0'])
    assert.match(reply.headers.get('warning') ?? '', /^110 /)
  })

  await t.test('a version that nobody fetched before fails clearly and soon', { skip }, async () => {
    const tarball = await wire.tarball('tiny', '1.2.0')
    assert.ok([502, 503, 504].includes(tarball.status), `status ${tarball.status}`)
    const startedAt = performance.now()
    const reply = await wire.get('never-seen')
    assert.ok([502, 503, 504].includes(reply.status), `status ${reply.status}`)
    assert.match(String(reply.json().error), /public:npmjs/)
    assert.ok(performance.now() - startedAt < 5_000, 'an upstream that refuses connections is not waited for')
    assert.deepEqual(await yard.versions('main', 'never-seen'), [])
  })

  await t.test('once it is back, so is everything', async () => {
    await upstream.restart()
    // the circuit to it closes after a while, which the server decides
    const reply = await until(
      'the upstream to be asked again',
      async () => {
        const answer = await wire.tarball('never-seen', '1.0.0')
        return answer.status === 200 ? answer : undefined
      },
      40_000,
    )
    assert.deepEqual(reply.bytes, await upstream.tarball('never-seen', '1.0.0'))
    assert.deepEqual(await yard.versions('main', 'never-seen'), ['1.0.0 Published EXTERNAL'])
  })
})
