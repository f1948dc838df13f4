import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import fc from 'fast-check'
import type { UpstreamRequest, UpstreamResponse, UpstreamSource } from '../../registry/upstream.ts'
import { isUpstreamFailure } from '../../registry/upstream.ts'
import { parsePackage } from './names.ts'
import { npmUpstream } from './upstream.ts'

const name = parsePackage('@acme/widgets')

interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A source that answers without a network, which is other code's business. */
function source(answer: Answer) {
  const asked: UpstreamRequest[] = []
  const bodies: Readable[] = []
  const it: UpstreamSource = {
    name: 'public:test',
    url: new URL('http://upstream.example/npm'),
    indexTtlMs: 0,
    async request(request): Promise<UpstreamResponse> {
      asked.push(request)
      const body = Readable.from([Buffer.from(answer.body ?? '')])
      bodies.push(body)
      return {
        status: answer.status,
        url: new URL(request.url),
        header: (header) => answer.headers?.[header],
        body,
        bytes: async () => Buffer.from(answer.body ?? ''),
      }
    },
  }
  return { it, asked, bodies }
}

test('the full packument is asked for, with what is known of it already', async () => {
  const changed = source({ status: 200, headers: { etag: '"1"', 'last-modified': 'then' }, body: '{}' })
  assert.deepEqual(await npmUpstream.readIndex(changed.it, name, undefined), {
    kind: 'changed',
    document: Buffer.from('{}'),
    validators: { etag: '"1"', lastModified: 'then' },
  })
  assert.deepEqual(changed.asked, [
    { url: 'http://upstream.example/npm/@acme%2fwidgets', headers: { accept: 'application/json' } },
  ])
  const same = source({ status: 304 })
  assert.deepEqual(await npmUpstream.readIndex(same.it, name, { etag: '"1"', lastModified: 'then' }), {
    kind: 'unchanged',
  })
  assert.deepEqual(same.asked[0]?.headers, { accept: 'application/json', 'if-none-match': '"1"' })
  const dated = source({ status: 304 })
  await npmUpstream.readIndex(dated.it, name, { lastModified: 'then' })
  assert.deepEqual(dated.asked[0]?.headers, { accept: 'application/json', 'if-modified-since': 'then' })
})

test('only what says so is missing; every other answer is a failure, and nothing is left unread', async () => {
  for (const status of [404, 410, 451]) {
    const { it, bodies } = source({ status })
    assert.deepEqual(await npmUpstream.readIndex(it, name, undefined), { kind: 'missing' })
    assert.ok(bodies.every(({ destroyed }) => destroyed))
  }
  for (const status of [204, 400, 401, 403, 418, 500]) {
    const { it, bodies } = source({ status })
    await assert.rejects(npmUpstream.readIndex(it, name, undefined), (error) => isUpstreamFailure(error))
    assert.ok(bodies.every(({ destroyed }) => destroyed))
  }
})

test('a tarball is asked for as it is', async () => {
  const asset = { name: 'package.tgz', url: 'http://files.example/x.tgz', digests: {} }
  const found = source({ status: 200, body: 'x' })
  assert.equal((await npmUpstream.openAsset(found.it, asset)).status, 200)
  assert.equal(found.asked[0]?.headers?.['accept-encoding'], 'identity')
  await assert.rejects(npmUpstream.openAsset(source({ status: 404 }).it, asset), { kind: 'missing' })
  await assert.rejects(npmUpstream.openAsset(source({ status: 403 }).it, asset), { kind: 'unavailable' })
})

function parse(document: unknown) {
  return npmUpstream.parsePackage(Buffer.from(JSON.stringify(document)), name)
}

test('versions, tags, times and digests are read', () => {
  const manifest = { name: '@acme/widgets', version: '1.0.0', dist: { tarball: 'http://x.example/a.tgz' } }
  const sha512 = Buffer.alloc(64, 7)
  const { versions, tags, document } = parse({
    name: '@acme/widgets',
    'dist-tags': { latest: '1.0.0', gone: '9.9.9', odd: 7 },
    time: { '1.0.0': '2020-02-03T04:05:06.789Z', '1.1.0': 'nonsense' },
    versions: {
      '1.0.0': { ...manifest, dist: { ...manifest.dist, integrity: `sha512-${sha512.toString('base64')}` } },
      '1.1.0': { ...manifest, dist: { ...manifest.dist, shasum: 'AB'.repeat(20), integrity: 'sha512-short md5-x' } },
      'v0.1.0-beta loose': manifest,
      '0.1.0beta': manifest,
    },
    readme: 'x'.repeat(70_000),
    description: 'Round',
    users: { a: true },
  })
  assert.deepEqual([...versions.keys()], ['1.0.0', '1.1.0', '0.1.0beta'])
  assert.equal(versions.get('1.0.0')?.publishedAt, Date.UTC(2020, 1, 3, 4, 5, 6, 789))
  assert.equal(versions.get('1.1.0')?.publishedAt, undefined)
  assert.deepEqual(versions.get('1.0.0')?.assets, [
    { name: 'package.tgz', url: 'http://x.example/a.tgz', digests: { sha512: sha512.toString('hex') } },
  ])
  assert.deepEqual(versions.get('1.1.0')?.assets[0]?.digests, { sha1: 'ab'.repeat(20) })
  assert.deepEqual([...tags], [['latest', '1.0.0']])
  assert.deepEqual(document, { description: 'Round', readme: 'x'.repeat(65_536) })
})

test('a version that nobody could install hides no other', () => {
  const good = { name: '@acme/widgets', version: '1.0.0', dist: { tarball: 'http://x.example/a.tgz' } }
  const { versions } = parse({
    versions: {
      '1.0.0': good,
      '1.0.1': null,
      '1.0.2': { ...good, name: 'other' },
      '1.0.3': { ...good, dist: {} },
      '1.0.4': { ...good, dist: { tarball: 'a.tgz' } },
      '../../1.0.5': good,
      __proto__x: good,
    },
  })
  assert.deepEqual([...versions.keys()], ['1.0.0'])
})

test('whatever an upstream sends is read or refused', () => {
  const fields = fc.constantFrom(
    'versions',
    'time',
    'dist-tags',
    'readme',
    'name',
    '1.0.0',
    'dist',
    'tarball',
    'integrity',
  )
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, fc.string(), fc.integer(), fc.dictionary(fields, tie('value'), { maxKeys: 3 })),
  }))
  fc.assert(
    fc.property(fc.dictionary(fields, value), (document) => {
      for (const version of parse(document).versions.values()) assert.equal(version.assets.length, 1)
    }),
  )
  assert.throws(() => npmUpstream.parsePackage(Buffer.from('<html>'), name))
  assert.throws(() => npmUpstream.parsePackage(Buffer.from('[]'), name), /not an object/)
})
