import assert from 'node:assert/strict'
import { test } from 'node:test'
import { packageKey } from '../../registry/names.ts'
import type { PackageView, ViewVersion } from '../../registry/view.ts'
import { renderAbbreviated, renderFull, renderManifest, revisionOf, tagsOf } from './documents.ts'
import { parsePackage } from './names.ts'

const endpoint = 'http://127.0.0.1:8686/npm/d/acme-111122223333/team/'
const sha512 = 'ab'.repeat(64)
const integrity = `sha512-${Buffer.from(sha512, 'hex').toString('base64')}`

function version(number: string, more: Partial<ViewVersion> = {}): ViewVersion {
  return {
    version: number,
    status: 'Published',
    publishedAt: Date.UTC(2026, 0, Number(number.split('.')[1]) + 1),
    document: { name: '@acme/widgets', version: number },
    origin: { type: 'INTERNAL', entryPoint: 'team' },
    holder: 'own',
    assets: [{ name: 'package.tgz', isStored: true, sizeBytes: 7, digests: { sha512, sha1: 'cd'.repeat(20) } }],
    ...more,
  }
}

function view(versions: readonly ViewVersion[], more: Partial<PackageView> = {}): PackageView {
  return {
    name: parsePackage('@acme/widgets'),
    versions,
    tags: new Map([['latest', versions.at(-1)?.version ?? '']]),
    changedAt: Date.UTC(2026, 5, 1),
    restrictions: undefined,
    upstreamDocument: undefined,
    upstreamDocuments: [],
    notes: new Map(),
    isStale: false,
    ...more,
  }
}

type Json = Record<string, unknown> & { readonly versions: Readonly<Record<string, Record<string, unknown>>> }

function parse({ body }: { readonly body: string | Buffer }): Json {
  return JSON.parse(body.toString()) as Json
}

test('a full packument holds what every client needs', () => {
  const document = { name: '@acme/widgets', version: '1.0.0', description: 'Round', readme: 'no', license: 'MIT', x: 1 }
  const full = parse(renderFull(view([version('1.0.0', { document }), version('1.1.0')]), endpoint))
  assert.equal(full['_id'], '@acme/widgets')
  assert.match(full['_rev'] as string, /^2-[0-9a-f]{32}$/)
  assert.deepEqual(full['dist-tags'], { latest: '1.1.0' })
  assert.deepEqual(full['time'], {
    created: '2026-01-01T00:00:00.000Z',
    modified: '2026-06-01T00:00:00.000Z',
    '1.0.0': '2026-01-01T00:00:00.000Z',
    '1.1.0': '2026-01-02T00:00:00.000Z',
  })
  assert.deepEqual(full.versions['1.0.0'], {
    name: '@acme/widgets',
    version: '1.0.0',
    description: 'Round',
    license: 'MIT',
    x: 1,
    _id: '@acme/widgets@1.0.0',
    dist: { integrity, shasum: 'cd'.repeat(20), tarball: `${endpoint}@acme/widgets/-/widgets-1.0.0.tgz` },
  })
})

test('an abbreviated packument holds only what an installation needs, and its times', () => {
  const document = {
    name: '@acme/widgets',
    version: '1.0.0',
    description: 'Round',
    scripts: { postinstall: 'x' },
    bundledDependencies: ['a'],
    libc: ['glibc'],
    cpu: ['x64'],
    deprecated: '',
  }
  const { contentType, body } = renderAbbreviated(view([version('1.0.0', { document })]), endpoint)
  assert.equal(contentType, 'application/vnd.npm.install-v1+json')
  const abbreviated = parse({ body })
  assert.deepEqual(Object.keys(abbreviated), ['name', 'modified', 'dist-tags', 'versions', 'time'])
  const { dist, ...manifest } = abbreviated.versions['1.0.0'] ?? {}
  assert.deepEqual(manifest, {
    name: '@acme/widgets',
    version: '1.0.0',
    bundleDependencies: ['a'],
    cpu: ['x64'],
    libc: ['glibc'],
    hasInstallScript: true,
  })
  assert.equal((dist as { integrity: string }).integrity, integrity)
})

test('only Published versions are shown, and latest falls back to the highest release', () => {
  const hidden = (['Unlisted', 'Archived', 'Disposed', 'Unfinished'] as const).map((status, index) =>
    version(`3.${index}.0`, { status }),
  )
  const shown = view([version('1.9.0'), version('1.10.0'), version('2.0.0-rc.1'), ...hidden], {
    tags: new Map([
      ['latest', '3.0.0'],
      ['old', '1.9.0'],
    ]),
  })
  const full = parse(renderFull(shown, endpoint))
  assert.deepEqual(Object.keys(full.versions), ['1.9.0', '1.10.0', '2.0.0-rc.1'])
  assert.deepEqual(full['dist-tags'], { latest: '1.10.0', old: '1.9.0' })
  assert.deepEqual(Object.keys(full['time'] as object), ['created', 'modified', '1.9.0', '1.10.0', '2.0.0-rc.1'])
  assert.equal(tagsOf(view([version('1.0.0-rc.1')], { tags: new Map() })).get('latest'), '1.0.0-rc.1')
  const missing = { kind: 'missing', message: 'package not found: @acme/widgets' }
  assert.throws(() => renderFull(view(hidden), endpoint), missing)
  assert.throws(() => renderAbbreviated(view(hidden), endpoint), missing)
})

test('what an upstream says of its tarball stays, but for the addresses', () => {
  const signatures = [{ keyid: 'SHA256:x', sig: 'y' }]
  const dist = {
    tarball: 'http://elsewhere.example/x.tgz',
    integrity: 'sha512-theirs',
    shasum: 'ef'.repeat(20),
    signatures,
    fileCount: '3',
    unpackedSize: -1,
    attestations: { url: 'http://elsewhere.example/a', provenance: { predicateType: 'p' } },
  }
  const document = { name: '@acme/widgets', version: '1.0.0', dist, deprecated: false, _npmUser: { name: 'x' } }
  const external = version('1.0.0', { document, holder: 'external', origin: { type: 'EXTERNAL', entryPoint: 'e' } })
  const { versions } = parse(renderFull(view([external]), endpoint))
  assert.deepEqual(versions['1.0.0'], {
    name: '@acme/widgets',
    version: '1.0.0',
    _npmUser: { name: 'x' },
    _id: '@acme/widgets@1.0.0',
    dist: {
      tarball: `${endpoint}@acme/widgets/-/widgets-1.0.0.tgz`,
      integrity: 'sha512-theirs',
      shasum: 'ef'.repeat(20),
      signatures,
      attestations: {
        url: `${endpoint}-/npm/v1/attestations/@acme/widgets@1.0.0`,
        provenance: { predicateType: 'p' },
      },
    },
  })
  assert.equal(dist.tarball, 'http://elsewhere.example/x.tgz', 'the document in the view is not changed')
})

test('what was published as provenance is pointed at, but not shown', () => {
  const kept = { _attestations: [{ predicateType: 'slsa', bundle: { a: 1 } }] }
  const document = { name: '@acme/widgets', version: '1.0.0', dist: { attestations: { url: 'evil' } }, ...kept }
  const own = parse(renderFull(view([version('1.0.0', { document })]), endpoint)).versions['1.0.0'] ?? {}
  assert.equal('_attestations' in own, false)
  assert.deepEqual((own['dist'] as { attestations: object }).attestations, {
    url: `${endpoint}-/npm/v1/attestations/@acme/widgets@1.0.0`,
    provenance: { predicateType: 'slsa' },
  })
})

test('a package is described by its latest version, and by its upstream only where that is from there', () => {
  const upstreamDocument = { readme: 'x'.repeat(70_000), maintainers: [{ name: 'them' }], description: 'Theirs' }
  const document = { name: '@acme/widgets', version: '1.0.0', description: 'Mine' }
  const own = parse(renderFull(view([version('1.0.0', { document })], { upstreamDocument }), endpoint))
  assert.equal(own['description'], 'Mine')
  assert.equal('readme' in own || 'maintainers' in own, false)
  const origin = { type: 'EXTERNAL', entryPoint: 'e' } as const
  const theirs = parse(renderFull(view([version('1.0.0', { document, origin })], { upstreamDocument }), endpoint))
  assert.equal(theirs['description'], 'Mine')
  assert.deepEqual(theirs['maintainers'], [{ name: 'them' }])
  assert.equal((theirs['readme'] as string).length, 65_536)
})

test('one version is found by its number and by a tag', () => {
  const both = view([version('1.0.0'), version('1.1.0'), version('1.2.0', { status: 'Unlisted' })], {
    tags: new Map([
      ['latest', '1.1.0'],
      ['old', '1.0.0'],
    ]),
  })
  assert.equal(parse(renderManifest(both, '1.0.0', endpoint))['version'], '1.0.0')
  assert.equal(parse(renderManifest(both, 'latest', endpoint))['version'], '1.1.0')
  assert.equal(parse(renderManifest(both, 'old', endpoint))['version'], '1.0.0')
  for (const wanted of ['1.2.0', '9.9.9', 'next', 'constructor', '__proto__']) {
    assert.throws(() => renderManifest(both, wanted, endpoint), { message: `version not found: ${wanted}` })
  }
})

test('the revision follows every change of what is held here, and nothing that happens elsewhere', () => {
  const before = revisionOf(view([version('1.0.0'), version('1.1.0')]))
  const deprecated = version('1.1.0', { document: { deprecated: 'old' } })
  const changes = [
    view([version('1.1.0')]),
    view([version('1.0.0'), deprecated]),
    view([version('1.0.0'), version('1.1.0', { status: 'Unlisted' })]),
    view([version('1.0.0'), version('1.1.0')], { tags: new Map([['latest', '1.0.0']]) }),
  ]
  assert.equal(new Set([before, ...changes.map(revisionOf)]).size, changes.length + 1)
  const external = version('2.0.0', { holder: 'external' })
  const same = view([version('1.0.0'), version('1.1.0'), external], {
    tags: new Map([['latest', '1.1.0']]),
    changedAt: 1,
  })
  assert.equal(revisionOf(same), before)
})

test('names that objects have by themselves are nothing special', () => {
  const document = JSON.parse('{"name":"@acme/widgets","version":"1.0.0","__proto__":{"deprecated":"x"}}') as unknown
  const tags = new Map([
    ['__proto__', '1.0.0'],
    ['latest', '1.0.0'],
  ])
  const { body } = renderFull(view([version('1.0.0', { document })], { tags }), endpoint)
  assert.match(body.toString(), /"dist-tags":\{"__proto__":"1\.0\.0","latest":"1\.0\.0"\}/)
  assert.equal(packageKey(parsePackage('@acme/widgets')), 'npm/acme/widgets')
})

test('3,000 versions are rendered within two seconds of work', () => {
  const manifest = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`field${index}`, 'x'.repeat(50)]))
  const many = view(
    Array.from({ length: 3000 }, (_, index) => version(`1.${index % 28}.${index}`, { document: manifest })),
  )
  const startedAt = process.cpuUsage()
  assert.ok(renderFull(many, endpoint).body.length > 5_000_000)
  assert.ok(renderAbbreviated(many, endpoint).body.length < 2_000_000)
  assert.ok(process.cpuUsage(startedAt).user < 2_000_000, 'more than two seconds')
})
