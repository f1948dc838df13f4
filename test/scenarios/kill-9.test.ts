import assert from 'node:assert/strict'
import { type ClientName, skipWithoutClient } from '../support/clients.ts'
import { bytesOf, makePackage, type PackageFields } from '../support/npm-package.ts'
import { NpmWire } from '../support/npm-wire.ts'
import { until } from '../support/processes.ts'
import { testOnEachSetup } from '../support/setups.ts'
import { startUpstream } from '../support/upstream.ts'

const rounds = 5
const publishersAtOnce = 6

testOnEachSetup('every acknowledged publish survives kill -9', {}, async (t, setup) => {
  const upstream = await startUpstream(t)
  const yard = await setup.start({ connections: { 'public:npmjs': upstream.url } })
  const acknowledged: PackageFields[] = []
  const asked = new Set<string>()

  for (let round = 1; round <= rounds; round++) {
    const wire = new NpmWire(await yard.endpoint('main'), await yard.token())
    const before = acknowledged.length
    let count = 0
    const publishers = Array.from({ length: publishersAtOnce }, async (_, publisher) => {
      for (;;) {
        const name = `@round${round}/by${publisher}-${count++}`
        const fields = { name, version: '1.0.0', noiseBytes: 100_000 * publisher }
        asked.add(name)
        const reply = await wire.publish(fields).catch(() => undefined)
        if (!reply) return
        assert.equal(reply.status, 201, reply.bytes.toString())
        acknowledged.push(fields)
      }
    })
    await until('some publishes', () => acknowledged.length - before >= 5 + round || undefined, 20_000)
    await yard.kill9()
    await Promise.all(publishers)
    await yard.server.start()
  }

  const wire = new NpmWire(await yard.endpoint('main'), await yard.token())
  await t.test('each one is listed, with its own bytes', async () => {
    for (const fields of acknowledged) {
      assert.deepEqual(await yard.versions('main', fields.name), ['1.0.0 Published INTERNAL'])
      const [stored, made] = [await wire.tarball(fields.name, '1.0.0'), await bytesOf(await makePackage(fields))]
      assert.ok(stored.bytes.equals(made), fields.name)
    }
  })

  await t.test('one that was not acknowledged is there whole, or not at all', async () => {
    const known = new Set(acknowledged.map(({ name }) => name))
    for (const name of [...asked].filter((each) => !known.has(each))) {
      const [index, tarball] = [await wire.get(name.replace('/', '%2f')), await wire.tarball(name, '1.0.0')]
      assert.equal(index.status, tarball.status)
      assert.ok([200, 404].includes(index.status), `status ${index.status}`)
    }
  })

  const client: ClientName = 'npm 11'
  await t.test('npm installs them', { skip: skipWithoutClient(client) }, async () => {
    const npm = await yard.client(client)
    const names = acknowledged.filter((_, index) => index % 5 === 0).map(({ name }) => name)
    await npm.add(...names)
    for (const name of names) assert.equal(await npm.installed(name), `${name}@1.0.0`)
  })
})
