import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { skipWithoutClient } from '../support/clients.ts'
import { bytesOf, makePackage, packageEntries } from '../support/npm-package.ts'
import { NpmWire, type PublishChanges } from '../support/npm-wire.ts'
import { testOnEachSetup } from '../support/setups.ts'
import { packTarball, type TarEntry } from '../support/tarball.ts'
import { startUpstream } from '../support/upstream.ts'

const spec = 'fine@1.0.0'
const entries = packageEntries({ name: 'fine', version: '1.0.0' })

function withEntry(entry: TarEntry): Buffer {
  return packTarball([...entries, entry])
}

/** What is wrong with a publish, and what the refusal must name. */
const badPublishes: Readonly<Record<string, readonly [PublishChanges, RegExp]>> = {
  'another integrity than its tarball': [{ dist: { integrity: `sha512-${'A'.repeat(86)}==` } }, /integrity/i],
  'another shasum than its tarball': [{ dist: { shasum: '0'.repeat(40) } }, /shasum|sha-?1|integrity/i],
  'another length than its tarball': [{ length: 7 }, /length/i],
  'a tarball that is not gzip': [{ tarball: Buffer.from('hello, this is not a tarball') }, /gzip|tarball/i],
  'a gzip that is no tar': [{ tarball: gzipSync('hello, this is not a tar') }, /tar|package\.json/i],
  'a tarball cut short': [{ tarball: packTarball(entries).subarray(0, 150) }, /gzip|tarball|tar/i],
  'a tarball without package.json': [{ tarball: packTarball(entries.slice(1)) }, /package\.json/],
  'a path that climbs out': [{ tarball: withEntry({ path: 'package/../../etc/passwd', content: 'x' }) }, /\.\./],
  'an absolute path': [{ tarball: withEntry({ path: '/etc/passwd', content: 'x' }) }, /\/etc\/passwd/],
  'two package.json': [{ tarball: packTarball([...entries, ...entries.slice(0, 1)]) }, /package\.json/],
  'another name than its package.json': [{ name: 'other' }, /name/i],
  'another version than its package.json': [{ version: '2.0.0' }, /version/i],
  'a name with capitals': [{ name: 'Fine' }, /Fine/],
  'a forbidden name': [{ name: 'node_modules' }, /node_modules/],
  'a version that is none': [{ version: '1.0' }, /1\.0/],
  'a tag that looks like a range': [{ tags: { '1.x': '1.0.0' } }, /1\.x/],
  'a tag for another version': [{ tags: { latest: '3.0.0' } }, /3\.0\.0|latest|tag/],
}

testOnEachSetup('a publish that is not right is refused, and leaves nothing behind', {}, async (t, setup) => {
  const upstream = await startUpstream(t)
  const yard = await setup.start({ connections: { 'public:npmjs': upstream.url } })
  const wire = new NpmWire(await yard.endpoint('main'), await yard.token())

  for (const [wrong, [changes, words]] of Object.entries(badPublishes)) {
    await t.test(wrong, async () => {
      const reply = await wire.publish(spec, changes)
      assert.ok([400, 403, 409, 422].includes(reply.status), `status ${reply.status}: ${reply.bytes.toString()}`)
      assert.match(String(reply.json().error), words)
      assert.deepEqual(await yard.packages('main'), [])
      assert.deepEqual(await yard.storedFiles(), [], 'no blob and no half-written file')
    })
  }

  await t.test('a body that is cut off, or no JSON, or no document', async () => {
    const headers = { 'content-type': 'application/json' }
    for (const body of ['', '{', '[]', '{"versions":{}}', '"text"', '{"_attachments":{"x":']) {
      const reply = await wire.request('PUT', 'fine', { headers, body })
      assert.ok([400, 404, 422].includes(reply.status), `status ${reply.status} for ${body}`)
      assert.equal(typeof reply.json().error, 'string')
    }
    assert.deepEqual(await yard.packages('main'), [])
    assert.deepEqual(await yard.storedFiles(), [])
  })

  await t.test('the same bytes twice are one publish; other bytes are refused', async () => {
    assert.equal((await wire.publish(spec)).status, 201)
    const [again, stored] = [await wire.publish(spec), await yard.storedFiles()]
    assert.ok([200, 201].includes(again.status), `status ${again.status}`)
    const tarball = await bytesOf(await makePackage({ name: 'fine', version: '1.0.0', files: { more: 'text' } }))
    const other = await wire.publish(spec, { tarball })
    assert.ok([403, 409].includes(other.status), `status ${other.status}`)
    assert.match(String(other.json().error), /cannot publish over.*previously published/i)
    assert.deepEqual(await yard.storedFiles(), stored)
    assert.deepEqual((await wire.tarball('fine', '1.0.0')).bytes, await bytesOf(await makePackage(spec)))
  })

  await t.test('npm prints why', { skip: skipWithoutClient('npm 10') }, async () => {
    const npm = await yard.client('npm 10')
    const result = await npm.attemptPublish({ name: 'fine', version: '1.0.0', files: { more: 'text' } })
    assert.equal(result.code, 1)
    assert.match(result.output, /cannot publish over/i)
  })
})
