import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { NugetWire } from '../../../test/support/nuget-wire.ts'
import { type Packyard, startPackyard } from '../../../test/support/packyard.ts'
import { startUpstream, type Upstream } from '../../../test/support/upstream.ts'

interface Scene {
  readonly wire: NugetWire
  readonly yard: Packyard
  readonly upstream: Upstream
}

test('NuGet from a gallery outside', async (t) => {
  const upstream = await startUpstream(t)
  const yard = await startPackyard(t, { connections: { 'public:nuget-org': upstream.nuget.url }, processes: 1 })
  const wire = new NugetWire(await yard.endpoint('main', 'nuget'), await yard.token())
  await pages(t, { wire, yard, upstream })
  await outside(t, { wire, yard, upstream })
})

async function pages(t: TestContext, { wire, upstream }: Scene): Promise<void> {
  await t.test('many versions stand on pages of their own', async () => {
    for (let patch = 0; patch < 130; patch++) upstream.nuget.add(`Many@1.0.${patch}`)
    const { items = [] } = await wire.json('v3/registration4/many/index.json')
    assert.deepEqual(
      items.map(({ count, items: inline }) => [count, inline]),
      [
        [64, undefined],
        [64, undefined],
        [2, undefined],
      ],
    )
    const page = await wire.json(items[2]?.['@id'] ?? '')
    assert.deepEqual(
      page.items?.map((leaf) => leaf.catalogEntry?.['version']),
      ['1.0.128', '1.0.129'],
    )
  })
}

async function outside(t: TestContext, { wire, yard, upstream }: Scene): Promise<void> {
  const made = upstream.nuget.add({ id: 'Public.One', version: '1.0.0-Beta', dependencies: { Leaf: '1.0' } })
  const leaf = upstream.nuget.add('Public.One@1.1.0')
  const severe = [{ advisoryUrl: 'https://advisories.example/1', severity: '2' }]
  const deprecation = { reasons: ['Legacy'], alternatePackage: { id: 'Public.Two', range: '*' } }
  upstream.nuget.add('Public.One@1.2.0', {
    listed: false,
    published: '1900-01-01T00:00:00+00:00',
    deprecation,
    vulnerabilities: severe,
  })
  const registration = async () => {
    const { items = [] } = await wire.json('v3/registration4/public.one/index.json')
    return (items[0]?.items ?? []).map(({ catalogEntry }) => catalogEntry ?? {})
  }

  await t.test('all that the gallery says comes through, with addresses of our own', async () => {
    const [beta, , unlisted] = await registration()
    assert.deepEqual([beta?.['version'], beta?.['published']], ['1.0.0-Beta', '2020-02-03T04:05:06.789+00:00'])
    assert.equal(beta?.['iconUrl'], `${wire.endpoint}v3/flatcontainer/public.one/1.0.0-beta/icon`)
    assert.deepEqual([unlisted?.['listed'], unlisted?.['deprecation']], [false, deprecation])
    assert.deepEqual(unlisted?.['vulnerabilities'], severe)
    assert.ok(!JSON.stringify(await registration()).includes(upstream.url))
    assert.match((await wire.get('v3/flatcontainer/public.one/1.1.0/icon')).text(), /PNG/)
    assert.match((await wire.get('v3/flatcontainer/public.one/1.1.0/public.one.nuspec')).text(), /<id>Public\.One</)
    assert.deepEqual(await yard.versions('main', 'public.one', 'nuget'), [])
  })

  await t.test('a package comes as it is there, and is kept', async () => {
    const reply = await wire.get('v3/flatcontainer/public.one/1.0.0-beta/public.one.1.0.0-beta.nupkg')
    assert.equal(reply.status, 200, reply.reason)
    assert.ok(reply.bytes.equals(made.bytes))
    assert.deepEqual(await yard.versions('main', 'public.one', 'nuget'), ['1.0.0-beta Published EXTERNAL'])
    assert.ok(!(await registration()).some((entry) => JSON.stringify(entry).includes(upstream.url)))
  })

  await t.test('what the gallery never had is missing, and what it cannot say is no answer', async () => {
    assert.equal((await wire.get('v3/flatcontainer/never.there/index.json')).status, 404)
    upstream.break('/gallery/flat/unknown/index.json', { kind: 'status', status: 500 })
    const reply = await wire.get('v3/flatcontainer/unknown/index.json')
    assert.equal(reply.status, 503)
    assert.ok(leaf.bytes.length > 0)
  })

  await t.test('with the gallery gone, what is here is served, and the last index too', async () => {
    await upstream.stop()
    const kept = await wire.get('v3/flatcontainer/public.one/1.0.0-beta/public.one.1.0.0-beta.nupkg')
    assert.ok(kept.bytes.equals(made.bytes))
    assert.deepEqual((await wire.json('v3/flatcontainer/public.one/index.json')).versions, [
      '1.0.0-beta',
      '1.1.0',
      '1.2.0',
    ])
    assert.equal((await wire.get('v3/flatcontainer/public.one/1.1.0/public.one.1.1.0.nupkg')).status, 503)
  })
}
