import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { openRegistry } from '../../test/support/registry.ts'
import type { CatalogueRules } from './catalogue.ts'
import { GrowingText } from './growing-text.ts'
import { deletePackage } from './packages.ts'
import { account, administrator, domain } from '../../test/support/registry.ts'
import { parseRepositoryName } from './names.ts'

const rules: CatalogueRules = {
  outside: { format: 'npm', namespace: '-', name: 'catalogue' },
  head: '#\n',
  describe: (view) => {
    const items = view.versions.filter(({ status }) => status === 'Published').map(({ version }) => version)
    return { items, digest: items.join() }
  },
  renderChange(name, before, after) {
    const added = after.items.filter((item) => !before.items.includes(item))
    const gone = before.items.filter((item) => !after.items.includes(item)).map((item) => `-${item}`)
    return `${name.name} ${[...added, ...gone].join()}\n`
  },
  readLines: () => Buffer.alloc(0),
}

test('a catalogue grows by what changed, here and behind, and is the same object until then', async (t) => {
  const registry = await openRegistry(t)
  await registry.setUp('store', 'team→store')
  await registry.publish('store', 'behind', '1.0.0')
  const read = async () => (await registry.session('team')).catalogue(rules)
  const first = await read()
  assert.equal(first.body.toString(), '#\nbehind 1.0.0\n')
  assert.equal(await read(), first)

  registry.now += 1000
  await registry.publish('team', 'own', '1.0.0')
  await registry.publish('store', 'behind', '1.1.0')
  const second = await read()
  assert.equal(second.body.toString(), '#\nbehind 1.0.0\nbehind 1.1.0\nown 1.0.0\n')
  assert.equal(second.md5At(first.body.length), first.md5)
  assert.equal(first.body.toString(), '#\nbehind 1.0.0\n', 'an earlier state stays as it was')

  const session = await registry.session('team')
  await session.moveVersion(registry.parse('own'), '1.0.0', { from: 'Published', to: 'Unlisted' })
  assert.match((await read()).body.toString(), /\nown -1\.0\.0\n$/)

  const other = await openRegistry(t, { beside: registry })
  other.now = registry.now
  const fresh = await (await other.session('team')).catalogue(rules)
  assert.equal(fresh.body.toString(), '#\nbehind 1.0.0,1.1.0\n', 'another process begins with what there is')

  const address = {
    owner: account,
    domain,
    repository: parseRepositoryName('store'),
    package: registry.parse('behind'),
  }
  await deletePackage(registry.parts, administrator, address)
  assert.equal((await read()).body.toString(), '#\n', 'what is deleted is gone')
})

test('a growing text knows its digests and its earlier states', async () => {
  const text = new GrowingText()
  const states = ['a', 'bc', '', 'd'.repeat(5000)].map((part) => {
    text.append(Buffer.from(part))
    return text.state()
  })
  const last = states.at(-1)!
  for (const { body, md5, sha256 } of states) {
    assert.equal(md5, createHash('md5').update(body).digest('hex'))
    assert.equal(sha256, createHash('sha256').update(body).digest('base64'))
    assert.equal(last.md5At(body.length), md5)
    assert.deepEqual(last.body.subarray(0, body.length), body)
  }
  assert.equal(last.md5At(2), undefined)
  assert.deepEqual(gunzipSync(await last.compressed()), last.body)
})
