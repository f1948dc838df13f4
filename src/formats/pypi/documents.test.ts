import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PackageView, ViewVersion } from '../../registry/view.ts'
import { renderHtml, renderJson } from './documents.ts'
import type { ReleaseFile } from './release.ts'
import { parseSimplePage } from './simple-page.ts'

const endpoint = 'http://yard.example/pypi/d/acme-111122223333/team/'
const sha256 = 'ab'.repeat(32)

function version(
  number: string,
  files: Readonly<Record<string, ReleaseFile>>,
  more: Partial<ViewVersion> = {},
): ViewVersion {
  return {
    version: number,
    status: 'Published',
    publishedAt: Date.UTC(2024, 1, 3),
    document: { name: 'Tiny', version: number, source: 'wheel', fields: {}, files },
    origin: { type: 'INTERNAL', entryPoint: 'team' },
    holder: 'own',
    assets: Object.keys(files).map((name) => ({ name, isStored: true, sizeBytes: 7, digests: { sha256, md5: 'x' } })),
    ...more,
  }
}

function view(...versions: ViewVersion[]): PackageView {
  return {
    name: { format: 'pypi', namespace: '', name: 'tiny' },
    versions,
    tags: new Map(),
    changedAt: 0,
    restrictions: undefined,
    upstreamDocument: undefined,
    upstreamDocuments: [],
    notes: new Map(),
    isStale: false,
  }
}

interface Page {
  readonly versions: string[]
  readonly files: Record<string, unknown>[]
  readonly [member: string]: unknown
}

const json = (of: PackageView) => JSON.parse(String(renderJson(of, endpoint).body)) as Page
const html = (of: PackageView) => String(renderHtml(of).body)

test('what one page says, the other says too', () => {
  const of = view(
    version('1.0+x', {
      'tiny-1.0+x-py3-none-any.whl': { coreMetadata: { sha256 }, requiresPython: '>=3.8,<4', yanked: 'a "bad" <one>' },
    }),
    version('2.0', { 'tiny-2.0.tar.gz': { uploadTime: '2025-01-02T03:04:05.678901Z', yanked: true } }),
  )
  const base = new URL(`${endpoint}simple/tiny/`)
  const ofJson = parseSimplePage(Buffer.from(JSON.stringify(json(of))), 'application/vnd.pypi.simple.v1+json', base)
  const ofHtml = parseSimplePage(Buffer.from(html(of)), 'text/html', base)
  assert.deepEqual(ofHtml.files, ofJson.files)
  assert.deepEqual(ofJson.files, [
    {
      filename: 'tiny-1.0+x-py3-none-any.whl',
      url: `${endpoint}simple/tiny/1.0%2Bx/tiny-1.0%2Bx-py3-none-any.whl`,
      digests: { sha256 },
      requiresPython: '>=3.8,<4',
      coreMetadata: { sha256 },
      yanked: 'a "bad" <one>',
      sizeBytes: 7,
      uploadTime: '2024-02-03T00:00:00.000Z',
    },
    {
      filename: 'tiny-2.0.tar.gz',
      url: `${endpoint}simple/tiny/2.0/tiny-2.0.tar.gz`,
      digests: { sha256 },
      yanked: true,
      sizeBytes: 7,
      uploadTime: '2025-01-02T03:04:05.678901Z',
    },
  ])
})

test('no key is there on which an old client fails', () => {
  const page = json(view(version('1.0', { 'tiny-1.0-py3-none-any.whl': { coreMetadata: { sha256 } } })))
  assert.ok(!JSON.stringify(page).includes('dist-info-metadata'))
  assert.equal(page.files[0]?.['yanked'], false)
  const text = html(view(version('1.0', { 'tiny-1.0-py3-none-any.whl': { coreMetadata: true } })))
  assert.match(text, /^<!DOCTYPE html>/)
  assert.match(text, /data-core-metadata="true" data-dist-info-metadata="true"/)
  assert.ok(!text.includes('data-yanked'))
  assert.ok(!text.includes('<base'))
})

test('only Published versions are listed, and a project without any is missing', () => {
  const files = { 'tiny-1.0.tar.gz': {} }
  const of = view(version('1.0', files), version('2.0', { 'tiny-2.0.tar.gz': {} }, { status: 'Unlisted' }))
  assert.deepEqual(json(of).versions, ['1.0'])
  assert.equal(json(of).files.length, 1)
  for (const status of ['Unlisted', 'Archived', 'Disposed'] as const) {
    assert.throws(() => renderJson(view(version('1.0', files, { status })), endpoint), { kind: 'missing' })
    assert.throws(() => renderHtml(view(version('1.0', files, { status }))), { kind: 'missing' })
  }
})

test('a file that two spellings of a version hold is listed once', () => {
  const files = { 'tiny-1.0.tar.gz': {} }
  assert.equal(json(view(version('1.0', files), version('1.0.0', files))).files.length, 1)
})

test('what only an upstream has is told with what it says, and nothing is made up', () => {
  const outside = { origin: { type: 'EXTERNAL', entryPoint: 'public:pypi' }, holder: 'external' } as const
  const assets = [
    { name: 'tiny-1.0-py3-none-any.whl', isStored: false, sizeBytes: undefined, digests: { md5: 'cd'.repeat(16) } },
  ]
  const of = view(version('1.0', { 'tiny-1.0-py3-none-any.whl': {} }, { ...outside, assets }))
  assert.deepEqual(json(of).files, [
    {
      filename: 'tiny-1.0-py3-none-any.whl',
      url: '1.0/tiny-1.0-py3-none-any.whl',
      hashes: { md5: 'cd'.repeat(16) },
      yanked: false,
    },
  ])
  const stored = view(version('1.0', { 'tiny-1.0-py3-none-any.whl': {} }, outside))
  assert.equal(json(stored).files[0]?.['core-metadata'], true, 'it can be read from the stored wheel')
})

test('the status of a project is the upstream’s, and being active goes without saying', () => {
  const of = view(version('1.0', { 'tiny-1.0.tar.gz': {} }))
  const archived = { ...of, upstreamDocument: { status: { status: 'archived', reason: 'no time' } } }
  assert.deepEqual(json(archived)['project-status'], { status: 'archived', reason: 'no time' })
  assert.match(html(archived), /<meta name="pypi:project-status" content="archived">/)
  const active = { ...of, upstreamDocument: { status: { status: 'active' } } }
  assert.equal(json(active)['project-status'], undefined)
})

test('attestations are told of by an address that is whole', () => {
  const of = view(version('1.0', { 'tiny-1.0.tar.gz': { attestations: [{}] } }))
  assert.equal(json(of).files[0]?.['provenance'], `${endpoint}integrity/tiny/1.0/tiny-1.0.tar.gz/provenance`)
})

test('a project of 5,000 files is rendered within two seconds of work', () => {
  const versions = Array.from({ length: 500 }, (_, i) =>
    version(
      `1.${i}`,
      Object.fromEntries(
        Array.from({ length: 10 }, (__, j) => [`tiny-1.${i}-cp3${j}-none-any.whl`, { coreMetadata: { sha256 } }]),
      ),
    ),
  )
  const startedAt = process.cpuUsage()
  assert.equal(json(view(...versions)).files.length, 5000)
  assert.ok(process.cpuUsage(startedAt).user < 2_000_000, 'more than two seconds')
})
