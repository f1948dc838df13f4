import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import fc from 'fast-check'
import { isUpstreamFailure, type UpstreamResponse, type UpstreamSource } from '../../registry/upstream.ts'
import { readEntry } from './entry.ts'
import { parsePackage } from './names.ts'
import { nugetUpstream } from './upstream.ts'

const name = parsePackage('Acme.Widgets')

interface Answer {
  readonly status?: number
  readonly etag?: string
  readonly json?: unknown
}

/** A source that answers without a network, which is other code's business: 304 for a tag that is known, 404 for the rest. */
function sourceOf(answers: Record<string, Answer>) {
  const asked: string[] = []
  const it: UpstreamSource = {
    name: 'public:test',
    url: new URL('http://gallery.example/v3/index.json'),
    indexTtlMs: 0,
    async request({ url, headers = {} }): Promise<UpstreamResponse> {
      const { pathname } = new URL(url)
      asked.push(pathname)
      const { status = 200, etag, json } = answers[pathname] ?? { status: 404 }
      const isKnown = etag !== undefined && headers['if-none-match'] === etag
      const bytes = Buffer.from(JSON.stringify(json ?? {}))
      return {
        status: isKnown ? 304 : status,
        url: new URL(url),
        header: (header) => (header === 'etag' ? etag : undefined),
        body: Readable.from([bytes]),
        bytes: async () => bytes,
      }
    },
  }
  return { it, asked, answers }
}

const resource = (type: string, id: string) => ({ '@type': type, '@id': id })
const serviceIndex = {
  resources: [
    resource('PackageBaseAddress/3.0.0', 'http://gallery.example/flat'),
    resource('RegistrationsBaseUrl', 'http://gallery.example/old'),
    resource('RegistrationsBaseUrl/3.6.0', 'http://gallery.example/meta/'),
  ],
}
const leaf = (version: string, more = {}) => ({ catalogEntry: { id: 'Acme.Widgets', version, ...more } })
const paged = (stamp: string) => ({
  items: [
    { '@id': 'http://gallery.example/page/1', commitTimeStamp: 'a' },
    { '@id': 'http://gallery.example/page/2', commitTimeStamp: stamp },
  ],
})

function gallery() {
  return sourceOf({
    '/v3/index.json': { json: serviceIndex },
    '/flat/acme.widgets/index.json': { json: { versions: ['1.0.0', '1.1.0', '2.0.0-Rc'] }, etag: '"f1"' },
    '/meta/acme.widgets/index.json': { json: paged('b'), etag: '"m1"' },
    '/page/1': { json: { items: [leaf('1.0'), leaf('9.9.9')] } },
    '/page/2': { json: { items: [leaf('1.1.0+build', { published: '2020-01-01T00:00:00Z', listed: false })] } },
  })
}

test('list and pages make one document', async () => {
  const { it, asked } = gallery()
  const read = await nugetUpstream.readIndex(it, name, undefined)
  assert.ok(read.kind === 'changed')
  assert.deepEqual(asked.toSorted(), [
    '/flat/acme.widgets/index.json',
    '/meta/acme.widgets/index.json',
    '/page/1',
    '/page/2',
    '/v3/index.json',
  ])
  const { versions } = nugetUpstream.parsePackage(read.document, name)
  // What the list does not have does not exist; what only it has exists all the same.
  assert.deepEqual([...versions.keys()], ['1.0.0', '1.1.0', '2.0.0-rc'])
  const found = versions.get('1.1.0')
  assert.equal(found?.publishedAt, Date.UTC(2020, 0, 1))
  const { id, version, isUnlisted } = readEntry(found?.document)
  assert.deepEqual([id, version, isUnlisted], ['Acme.Widgets', '1.1.0+build', true])
  assert.deepEqual(found?.assets, [
    {
      name: 'acme.widgets.1.1.0.nupkg',
      url: 'http://gallery.example/flat/acme.widgets/1.1.0/acme.widgets.1.1.0.nupkg',
      digests: {},
    },
  ])
})

test('only what has changed is read again', async () => {
  const { it, asked, answers } = gallery()
  const first = await nugetUpstream.readIndex(it, name, undefined)
  assert.ok(first.kind === 'changed')
  asked.length = 0
  assert.deepEqual(await nugetUpstream.readIndex(it, name, first.validators, first.document), { kind: 'unchanged' })
  assert.deepEqual(asked, ['/flat/acme.widgets/index.json', '/meta/acme.widgets/index.json'])
  answers['/meta/acme.widgets/index.json'] = { json: paged('c'), etag: '"m2"' }
  answers['/page/2'] = { json: { items: [leaf('1.1.0', { title: 'new' })] } }
  asked.length = 0
  const second = await nugetUpstream.readIndex(it, name, first.validators, first.document)
  assert.ok(second.kind === 'changed')
  assert.deepEqual(asked.slice(2), ['/page/2'])
  const { versions } = nugetUpstream.parsePackage(second.document, name)
  assert.deepEqual([...versions.keys()], ['1.0.0', '1.1.0', '2.0.0-rc'])
  assert.equal(readEntry(versions.get('1.1.0')?.document).title, 'new')
})

test('a gallery of one kind only is enough', async () => {
  const flat = gallery()
  flat.answers['/v3/index.json'] = { json: { resources: serviceIndex.resources.slice(0, 1) } }
  const listed = await nugetUpstream.readIndex(flat.it, name, undefined)
  assert.ok(listed.kind === 'changed')
  assert.equal(nugetUpstream.parsePackage(listed.document, name).versions.size, 3)
  const meta = sourceOf({
    '/v3/index.json': { json: { resources: serviceIndex.resources.slice(2) } },
    '/meta/acme.widgets/index.json': {
      json: { items: [{ items: [leaf('1.0', { packageContent: '/dl/1' }), leaf('2.0')] }] },
    },
  })
  const told = await nugetUpstream.readIndex(meta.it, name, undefined)
  assert.ok(told.kind === 'changed')
  const { versions } = nugetUpstream.parsePackage(told.document, name)
  // Nobody says where the other could be had.
  assert.deepEqual(
    [...versions].map(([version, { assets }]) => [version, assets[0]?.url]),
    [['1.0.0', 'http://gallery.example/dl/1']],
  )
})

test('what is not there is missing, and what makes no sense is an outage', async () => {
  assert.deepEqual(await nugetUpstream.readIndex(gallery().it, parsePackage('other'), undefined), { kind: 'missing' })
  const own = { format: 'nuget', namespace: '', name: '.search' } as const
  assert.deepEqual(await nugetUpstream.readIndex(sourceOf({}).it, own, undefined), { kind: 'missing' })
  for (const [path, answer] of [
    ['/v3/index.json', { status: 404 }],
    ['/v3/index.json', { json: { resources: [] } }],
    ['/flat/acme.widgets/index.json', { json: [] }],
    ['/flat/acme.widgets/index.json', { status: 500 }],
    ['/meta/acme.widgets/index.json', { json: { items: 'none' } }],
    ['/page/2', { status: 404 }],
  ] as const) {
    const { it, answers } = gallery()
    answers[path] = answer
    await assert.rejects(nugetUpstream.readIndex(it, name, undefined), isUpstreamFailure, path)
  }
})

test('addresses are learned again when one of them has failed', async () => {
  const { it, asked, answers } = gallery()
  answers['/flat/acme.widgets/index.json'] = { status: 500 }
  await assert.rejects(nugetUpstream.readIndex(it, name, undefined))
  answers['/v3/index.json'] = {
    json: { resources: [resource('PackageBaseAddress/3.0.0', 'http://gallery.example/moved/')] },
  }
  answers['/moved/acme.widgets/index.json'] = { json: { versions: ['1.0.0'] } }
  assert.equal((await nugetUpstream.readIndex(it, name, undefined)).kind, 'changed')
  assert.equal(asked.at(-1), '/moved/acme.widgets/index.json')
})

test('whatever a gallery says, it is read or refused', async () => {
  const hostile = fc.oneof<fc.Arbitrary<unknown>[]>(
    fc.jsonValue(),
    fc.record({ versions: fc.array(fc.oneof(fc.string(), fc.constantFrom('1.0', '__proto__', '1.0.0-a+b'))) }),
    fc.record({ items: fc.array(fc.record({ items: fc.array(fc.record({ catalogEntry: fc.jsonValue() })) })) }),
    fc.constant({
      items: [{ items: [leaf('1.0', { authors: [1], tags: {}, dependencyGroups: [null, { dependencies: [{}] }] })] }],
    }),
  )
  await fc.assert(
    fc.asyncProperty(hostile, hostile, async (flat, meta) => {
      const { it, answers } = gallery()
      answers['/flat/acme.widgets/index.json'] = { json: flat }
      answers['/meta/acme.widgets/index.json'] = { json: meta }
      try {
        const read = await nugetUpstream.readIndex(it, name, undefined)
        if (read.kind === 'changed') nugetUpstream.parsePackage(read.document, name)
      } catch (error) {
        assert.ok(isUpstreamFailure(error), error instanceof Error ? error.message : '')
      }
    }),
  )
})
