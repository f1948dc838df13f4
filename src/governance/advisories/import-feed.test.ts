import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { testOnEachDatabase } from '../../../test/support/each-registry.ts'
import type { TestRegistry } from '../../../test/support/registry.ts'
import { packZip, type ZipEntry } from '../../../test/support/zip-archive.ts'
import { packageScope, topologyScope } from '../../storage/metadata/scopes.ts'
import { listFeeds } from './feeds.ts'
import { importFeed, removeFeed } from './import-feed.ts'
import { createKnownAdvisories } from './known-advisories.ts'
import { readDocuments } from './osv-documents.ts'
import { type GivenRecord, osvEntries, osvRecord } from './osv.fixture.ts'

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'packyard-osv-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function importPath(registry: TestRegistry, path: string, shrinking: 'refused' | 'allowed' = 'refused') {
  const reading = {
    id: 'feed',
    source: path,
    documents: readDocuments(path),
    shrinking,
    signal: new AbortController().signal,
  }
  return importFeed(registry.parts, reading)
}

async function importRecords(t: TestContext, registry: TestRegistry, records: readonly GivenRecord[]) {
  const path = join(await folderOf(t), 'all.zip')
  await writeFile(path, packZip(osvEntries(records)))
  return importPath(registry, path)
}

function idsOf(registry: TestRegistry, name: string): Promise<string[]> {
  const known = createKnownAdvisories(registry.parts.metadata)
  return known.find('npm', [{ namespace: '', name }]).then((found) => (found.get(`/${name}`) ?? []).map(({ id }) => id))
}

/** Rows of every generation. */
async function rowsOf(registry: TestRegistry): Promise<number> {
  const rows = await registry.parts.metadata.db.selectFrom('advisories').select('advisory_id').execute()
  return rows.length
}

testOnEachDatabase('a zip, a folder, a list and a single record are read alike', async (t, open) => {
  const registry = await open()
  const folder = await folderOf(t)
  const records = [{ id: 'A-1' }, { id: 'A-2', name: 'left-pad' }]
  await writeFile(join(folder, 'all.zip'), packZip([...osvEntries(records), { path: 'README.md', content: 'no' }]))
  await mkdir(join(folder, 'many', 'deeper'), { recursive: true })
  await writeFile(join(folder, 'many', 'deeper', 'A-1.json'), JSON.stringify(osvRecord(records[0]!)))
  await writeFile(join(folder, 'many', 'A-2.json'), JSON.stringify(osvRecord(records[1]!)))
  await writeFile(join(folder, 'list.json'), JSON.stringify(records.map(osvRecord)))
  for (const path of ['all.zip', 'many', 'list.json']) {
    const counts = await importPath(registry, join(folder, path))
    assert.deepEqual([counts.records, counts.advisories, counts.unreadableRecords], [2, 2, 0], path)
    assert.deepEqual(await idsOf(registry, 'lodash'), ['A-1'], path)
    assert.equal(await rowsOf(registry), 2, 'what was read before is gone')
  }
  const single = await importPath(registry, join(folder, 'many', 'A-2.json'), 'allowed')
  assert.equal(single.advisories, 1)
  assert.deepEqual(await idsOf(registry, 'lodash'), [])
})

testOnEachDatabase('a broken feed keeps the last good one', async (t, open) => {
  const registry = await open()
  const folder = await folderOf(t)
  await importRecords(
    t,
    registry,
    ['A-1', 'A-2', 'A-3'].map((id) => ({ id })),
  )
  const good = packZip(osvEntries([{ id: 'B-1' }, { id: 'B-2' }, { id: 'B-3' }]))
  const broken: Readonly<Record<string, readonly [Buffer, RegExp]>> = {
    'no JSON': [Buffer.from('{'), /1 of its 1 records make no sense, as .*it is no JSON/],
    'cut off': [good.subarray(0, good.length - 30), /no sound zip archive/],
    flipped: [Buffer.from(good).fill(0xff, 60, 90), /no sound zip archive/],
    nothing: [packZip([]), /holds no advisory/],
    'of others': [packZip(osvEntries([{ id: 'B-1', ecosystem: 'Go' }])), /holds no advisory/],
    half: [packZip(osvEntries([{ id: 'B-1' }])), /1 advisories, less than half of the 3/],
    'one bad of four': [
      packZip([...osvEntries([{ id: 'B-1' }, { id: 'B-2' }, { id: 'B-3' }]), { path: 'bad.json', content: '{}' }]),
      /1 of its 4 records .*bad\.json: a record must have an id/,
    ],
  }
  for (const [name, [bytes, expected]] of Object.entries(broken)) {
    const path = join(folder, 'feed')
    await writeFile(path, bytes)
    await assert.rejects(importPath(registry, path), expected, name)
    assert.deepEqual(await idsOf(registry, 'lodash'), ['A-1', 'A-2', 'A-3'], name)
    assert.equal(await rowsOf(registry), 3, `${name} leaves nothing behind`)
  }
  await assert.rejects(importPath(registry, join(folder, 'nowhere')), { code: 'ENOENT' })
  await writeFile(join(folder, 'feed'), good)
  await importPath(registry, join(folder, 'feed'))
  assert.deepEqual(await idsOf(registry, 'lodash'), ['B-1', 'B-2', 'B-3'])
})

testOnEachDatabase('hostile archives are refused before they unpack', async (t, open) => {
  const registry = await open()
  const path = join(await folderOf(t), 'all.zip')
  const zeros = Buffer.alloc(30 * 1024 * 1024)
  const hostile: Readonly<Record<string, readonly [readonly ZipEntry[], RegExp]>> = {
    bomb: [[1, 2, 3].map((at) => ({ path: `${at}.json`, content: zeros })), /unpacks to more than/],
    liar: [[{ path: 'a.json', content: zeros, claimedBytes: 10 }], /no sound zip archive/],
    'too large': [[{ path: 'a.json', content: Buffer.alloc(33 * 1024 * 1024) }], /has more than 33554432 bytes/],
    encrypted: [[{ path: 'a.json', content: '{}', flags: 1 }], /an encrypted entry, "a.json"/],
    'a path outside': [[{ path: '../../etc/a.json', content: '{}' }], /no sound zip archive/],
  }
  for (const [name, [entries, expected]] of Object.entries(hostile)) {
    await writeFile(path, packZip(entries))
    await assert.rejects(importPath(registry, path), expected, name)
    assert.equal(await rowsOf(registry), 0, name)
  }
})

testOnEachDatabase('what is said anew of a package raises its epoch, and of no other', async (t, open) => {
  const registry = await open()
  const { epochs } = registry.parts.metadata
  await registry.setUp('main')
  const { id } = await registry.parts.metadata.db.selectFrom('domains').select('id').executeTakeFirstOrThrow()
  const scopes = ['lodash', 'left-pad', 'chalk'].map((name) => packageScope(id, `npm//${name}`))
  const topology = topologyScope(id)
  const first = epochs.of(topology)
  await importRecords(t, registry, [{ id: 'A-1' }, { id: 'A-2', name: 'left-pad' }, { id: 'A-3', name: 'chalk' }])
  assert.notEqual(epochs.of(topology), first, 'the first import is news for everything')
  const [before, all] = [scopes.map((scope) => epochs.of(scope)), epochs.of(topology)]
  await importRecords(t, registry, [
    { id: 'A-1', events: [{ introduced: '0' }, { fixed: '9.0.0' }] },
    { id: 'A-3', name: 'chalk' },
  ])
  const changed = scopes.map((scope, at) => epochs.of(scope) !== before[at])
  assert.deepEqual(changed, [true, true, false], 'changed, gone, the same')
  assert.equal(epochs.of(topology), all)
})

testOnEachDatabase('a feed is listed with what it holds, and removed with it', async (t, open) => {
  const registry = await open()
  await importRecords(t, registry, [
    { id: 'A-1', aliases: ['CVE-1'] },
    { id: 'A-2', withdrawn: '2024-01-01T00:00:00Z' },
  ])
  const [feed, ...more] = await listFeeds(registry.parts.metadata)
  assert.deepEqual(more, [])
  assert.deepEqual(feed?.counts, {
    records: 2,
    withdrawnRecords: 1,
    unreadableRecords: 0,
    unreadable: [],
    advisories: 1,
  })
  await removeFeed(registry.parts, 'feed')
  assert.deepEqual(await listFeeds(registry.parts.metadata), [])
  assert.equal(await rowsOf(registry), 0)
  const names = await registry.parts.metadata.db.selectFrom('advisory_names').selectAll().execute()
  assert.deepEqual(names, [])
  await assert.rejects(removeFeed(registry.parts, 'feed'), { kind: 'missing' })
})

testOnEachDatabase('all advisories of a format are told page by page, each package once', async (t, open) => {
  const registry = await open()
  const many = Array.from({ length: 1100 }, (_, at) => ({ id: `M-${at}`, name: 'busy' }))
  const others = Array.from({ length: 300 }, (_, at) => ({ id: `O-${at}`, name: `other-${at}` }))
  await importRecords(t, registry, [...many, ...others, { id: 'P-1', ecosystem: 'PyPI', name: 'flask' }])
  const book = await createKnownAdvisories(registry.parts.metadata).book('npm')
  const found = await Array.fromAsync(book?.list() ?? [])
  assert.equal(found.length, 301)
  assert.equal(new Set(found.map(({ subject }) => subject.name)).size, 301)
  assert.equal(found.find(({ subject }) => subject.name === 'busy')?.advisories.length, 1100)
})
