import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  AssociateExternalConnectionCommand,
  DescribePackageVersionCommand,
  GetPackageVersionReadmeCommand,
} from '@aws-sdk/client-codeartifact'
import fc from 'fast-check'
import { firstDomain } from '../../../test/support/packyard.ts'
import { until } from '../../../test/support/processes.ts'
import { testOnEachSetup } from '../../../test/support/setups.ts'
import { SwiftWire } from '../../../test/support/swift-wire.ts'
import { startUpstream } from '../../../test/support/upstream.ts'
import { renderReleases } from './documents.ts'
import { readFacts } from './facts.ts'
import { packageOf } from './names.ts'
import { swiftUpstream } from './upstream.ts'

const connection = 'corp:swift'

testOnEachSetup("Somebody else's registry", {}, async (t, setup) => {
  const upstream = await startUpstream(t, {
    swift: [
      { id: 'Far.Away', version: '1.0.0', files: { 'README.md': '# Far' }, metadata: { description: 'Outside' } },
      'Far.Away@1.1.0',
      'Far.False@1.0.0',
      'Far.Seen@1.0.0',
    ],
  })
  const settings = { format: 'swift', url: upstream.swift.url, ttlSeconds: 0 }
  const yard = await setup.start({ connections: { [connection]: settings }, processes: 1 })
  const repository = await yard.createRepository('mixed', [])
  const association = { domain: firstDomain, repository, externalConnection: connection }
  await yard.sdk.send(new AssociateExternalConnectionCommand(association))
  const wire = new SwiftWire(await yard.endpoint(repository, 'swift'), await yard.token())
  const listed = async () => Object.keys((await wire.json('far/away')).releases ?? {})

  await t.test('releases are listed here, each asked for once, and new ones appear', async () => {
    assert.deepEqual(await listed(), ['1.1.0', '1.0.0'])
    upstream.swift.add('Far.Away@1.2.0')
    await until('the new release', async () => ((await listed())[0] === '1.2.0' ? true : undefined))
    assert.equal(upstream.count('/swift-registry/far/away/1.0.0'), 1)
    const release = await wire.json('Far/Away/1.0.0')
    assert.deepEqual([release['id'], release['publishedAt']], ['Far.Away', '2021-02-03T04:05:06Z'])
    assert.deepEqual(release['metadata'], { description: 'Outside' })
    assert.deepEqual(await yard.versions(repository, '@far/away', 'swift'), [])
  })

  await t.test('an archive is checked, kept, and says what it holds', async () => {
    const reply = await wire.get('far/away/1.0.0.zip')
    assert.equal(reply.status, 200)
    assert.deepEqual(await yard.versions(repository, '@far/away', 'swift'), ['1.0.0 Published EXTERNAL'])
    const input = { domain: firstDomain, repository, format: 'swift', namespace: 'far', package: 'away' } as const
    const version = { ...input, packageVersion: '1.0.0' }
    const { readme } = await yard.sdk.send(new GetPackageVersionReadmeCommand(version))
    assert.equal(readme, '# Far')
    const { packageVersion } = await yard.sdk.send(new DescribePackageVersionCommand(version))
    assert.deepEqual([packageVersion?.displayName, packageVersion?.summary], ['Far.Away', 'Outside'])
  })

  await t.test('a manifest is read out of the archive that it belongs to', async () => {
    const reply = await wire.get('far/away/1.1.0/Package.swift')
    assert.match(reply.text(), /^\/\/ swift-tools-version:5\.5\n/)
  })

  await t.test('an archive that is another than was told is given to nobody', async () => {
    const checksum = 'a'.repeat(64)
    upstream.swift.lies.set('Far.False@1.0.0', { resources: [{ name: 'source-archive', checksum }] })
    for (const path of ['far/false/1.0.0.zip', 'far/false/1.0.0/Package.swift']) {
      const reply = await wire.get(path)
      assert.ok(reply.status === 502 || reply.status === 503, `${reply.status}`)
      assert.equal(reply.headers.get('content-type'), 'application/problem+json')
      assert.match(reply.json().detail ?? '', /sha256|digest/i)
    }
    assert.deepEqual(await yard.versions(repository, '@far/false', 'swift'), [])
  })

  await t.test('without the upstream there is what was fetched, and lists as they were', async () => {
    assert.equal((await wire.json('far/seen')).releases?.['1.0.0']?.problem, undefined)
    await upstream.stop()
    assert.equal((await wire.get('far/away/1.0.0.zip')).status, 200)
    assert.equal((await wire.get('far/away/1.0.0/Package.swift')).status, 200)
    assert.deepEqual((await wire.json('far/away/1.0.0'))['metadata'], { description: 'Outside' })
    const seen = await wire.get('far/seen')
    assert.deepEqual([seen.status, seen.headers.get('warning')?.slice(0, 3)], [200, '110'])
    assert.equal((await wire.get('far/seen/1.0.0.zip')).status, 503)
  })
})

const name = packageOf('mona', 'list')
const checksum = 'a'.repeat(64)
const archive = { name: 'source-archive', type: 'application/zip', checksum }
const good = { id: 'Mona.List', version: '1.0.0', resources: [archive], metadata: {} }

function read(releases: unknown) {
  return [...swiftUpstream.parsePackage(Buffer.from(JSON.stringify({ releases })), name).versions.values()]
}

test('a release that makes no sense hides no other', () => {
  const bad = {
    '1.0': good,
    '1.1.0': null,
    '1.2.0': { ...good, resources: [] },
    '1.3.0': { ...good, resources: [{ ...archive, checksum: 'short' }] },
    '1.4.0': { ...good, resources: 'x' },
  }
  assert.deepEqual(
    read({ ...bad, '1.0.0': good }).map(({ version }) => version),
    ['1.0.0'],
  )
  assert.throws(() => read(undefined))
  const signing = { signatureBase64Encoded: 'a\r\nb: c', signatureFormat: 'cms-1.0.0' }
  const [odd] = read({ '1.0.0': { ...good, id: 'Other.Name', resources: [{ ...archive, signing }] } })
  assert.partialDeepStrictEqual(odd?.document, { id: undefined, signature: undefined })
})

test('lists and facts are made of whatever was read', () => {
  const fields = fc.constantFrom('id', 'metadata', 'resources', 'publishedAt', 'x')
  const odd = fc.dictionary(fields, fc.oneof(fc.jsonValue(), fc.constant([{ ...archive, signing: 5 }])))
  const property = fc.property(odd, fc.dictionary(fc.string(), fc.jsonValue()), (fields, others) => {
    const versions = read({ ...others, '1.0.0': { ...good, ...fields } }).map(({ version, document }) => ({
      version,
      document,
      status: 'Published' as const,
      publishedAt: 0,
      origin: { type: 'EXTERNAL' as const, entryPoint: connection },
      holder: 'external' as const,
      assets: [],
    }))
    const rest = { tags: new Map(), changedAt: 0, restrictions: undefined, upstreamDocument: undefined, isStale: false }
    const view = { ...rest, name, versions, upstreamDocuments: [], notes: new Map() }
    JSON.parse(String(renderReleases(view, 'https://packages.example/').body))
    for (const { document } of versions) readFacts(document)
  })
  fc.assert(property)
})
