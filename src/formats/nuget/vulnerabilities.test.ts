import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { NugetWire } from '../../../test/support/nuget-wire.ts'
import { startPackyard } from '../../../test/support/packyard.ts'
import { startUpstream } from '../../../test/support/upstream.ts'
import { readAdvisories } from './vulnerabilities.ts'

const severe = { severity: 2, url: 'https://advisories.example/1', versions: '[1.0.0, 1.2.0)' }
const mild = { severity: 0, url: 'https://advisories.example/2', versions: '(, 2.0.0]' }

async function open(t: TestContext, vulnerabilities: Readonly<Record<string, object>> | undefined) {
  const upstream = await startUpstream(t)
  upstream.nuget.vulnerabilities = vulnerabilities
  const connections = { 'public:nuget-org': { url: upstream.nuget.url, ttlSeconds: 0 } }
  const yard = await startPackyard(t, { connections, processes: 1 })
  const wire = new NugetWire(await yard.endpoint('main', 'nuget'), await yard.token())
  const page = (name: string) => wire.json(`v3/vulnerabilities/${name}.json`)
  return { upstream, wire, page }
}

test("a gallery's pages of vulnerabilities come through, all on one page, and stay when it is gone", async (t) => {
  const { upstream, wire, page } = await open(t, { base: { leaf: [severe] }, update: { leaf: [mild], other: [mild] } })
  assert.deepEqual(await page('base'), { leaf: [severe, mild], other: [mild] })
  assert.deepEqual(await page('update'), {})
  const first = await wire.get('v3/vulnerabilities/base.json')
  const again = await wire.get('v3/vulnerabilities/base.json', { 'if-none-match': first.headers.get('etag') ?? '' })
  assert.equal(again.status, 304)

  upstream.nuget.vulnerabilities = { base: { leaf: [severe] }, update: {} }
  assert.deepEqual(await page('base'), { leaf: [severe] })
  const [named] = (await wire.get('v3/vulnerabilities/index.json')).json() as unknown as { '@updated': string }[]
  assert.match(named?.['@updated'] ?? '', /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{7}Z$/)

  await upstream.stop()
  assert.deepEqual(await page('base'), { leaf: [severe] })
})

test('what a gallery without such pages says in its registrations stands on a page of ours', async (t) => {
  const { upstream, wire, page } = await open(t, undefined)
  const vulnerabilities = [{ advisoryUrl: severe.url, severity: '2' }]
  upstream.nuget.add('Weak.Leaf@1.0.0', { vulnerabilities })
  upstream.nuget.add('Weak.Leaf@1.1.0')
  assert.deepEqual(await page('update'), {}, 'nobody here has it')
  for (const version of ['1.0.0', '1.1.0']) {
    assert.equal((await wire.get(`v3/flatcontainer/weak.leaf/${version}/weak.leaf.${version}.nupkg`)).status, 200)
  }
  assert.deepEqual(await page('update'), {
    'weak.leaf': [{ severity: 2, url: severe.url, versions: '[1.0.0, 1.0.0]' }],
  })
})

test('of a page only what clients can read is taken', () => {
  assert.deepEqual(readAdvisories({ Leaf: [severe] }), { leaf: [severe] })
  const odd = [
    { ...severe, severity: 4 },
    { ...severe, severity: 'high' },
    { ...severe, url: 'nowhere' },
    { ...severe, versions: '[a,b]' },
    { ...severe, versions: undefined },
    null,
    'text',
  ]
  for (const each of odd) assert.deepEqual(readAdvisories({ leaf: [each] }), {}, JSON.stringify(each))
  for (const page of [null, [], 'x', { 'a b': [severe] }, { leaf: {} }]) assert.deepEqual(readAdvisories(page), {})
  assert.deepEqual(readAdvisories(JSON.parse(`{"__proto__":[${JSON.stringify(severe)}]}`)), {})
})
