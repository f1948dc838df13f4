import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RegistryError } from '../../registry/errors.ts'
import { type Announcement, readAnnouncement } from './announcement.ts'
import { renderIndex } from './documents.ts'
import { readFacts } from './facts.ts'
import { readManifest } from './manifest.ts'
import { parsePackage } from './names.ts'
import { cargoUpstream } from './upstream.ts'

const serde = parsePackage('serde')
const good = { name: 'serde', vers: '1.0.0', deps: [], cksum: 'a'.repeat(64), features: {}, yanked: false }

function read(...lines: readonly unknown[]) {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
  return [...cargoUpstream.parsePackage(Buffer.from(text), serde).versions.values()]
}

test('one bad line hides no other', () => {
  const bad = [
    'not json',
    [],
    null,
    { ...good, vers: '1.0' },
    { ...good, vers: '2.0.0', cksum: 'short' },
    { ...good, vers: '2.0.0', name: 'other' },
    { ...good, vers: '2.0.0', name: '../serde' },
  ]
  assert.deepEqual(
    read(...bad, good, { ...good, cksum: 'b'.repeat(64) }).map(({ version }) => version),
    ['1.0.0'],
  )
})

test('a document without one line that can be read is none', () => {
  assert.throws(() => read('<html>'))
  assert.deepEqual(read(), [])
})

test('what a later Cargo writes stays in its line', () => {
  const [version] = read({ ...good, v: 9, unheard: { of: [1] }, pubtime: '2020-01-02T03:04:05Z' })
  assert.equal(version?.publishedAt, Date.UTC(2020, 0, 2, 3, 4, 5))
  assert.partialDeepStrictEqual(version?.document, { entry: { v: 9, unheard: { of: [1] } } })
})

test('an index is made of any line that was read, and facts of any document', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('deps', 'features', 'links', 'yanked', 'pubtime', 'x'), fc.jsonValue()),
      (odd) => {
        const versions = read({ ...good, ...odd }).map(({ version, document, assets }) => ({
          version,
          document,
          status: 'Published' as const,
          publishedAt: 0,
          origin: { type: 'EXTERNAL' as const, entryPoint: 'public:crates-io' },
          holder: 'external' as const,
          assets: assets.map(({ name, digests }) => ({ name, digests, isStored: false, sizeBytes: undefined })),
        }))
        const common = {
          tags: new Map(),
          changedAt: 0,
          restrictions: undefined,
          upstreamDocument: undefined,
          upstreamDocuments: [],
          notes: new Map(),
        }
        const { body } = renderIndex({ ...common, name: serde, versions, isStale: false })
        assert.equal((JSON.parse(String(body)) as typeof good).cksum, good.cksum)
        readFacts(versions[0]?.document)
      },
    ),
  )
  fc.assert(fc.property(fc.jsonValue(), (document) => void readFacts(document)))
})

/** Anything but an expected refusal is a fault of ours. */
function orRefused<Result>(parse: () => Result): Result | undefined {
  try {
    return parse()
  } catch (error) {
    assert.ok(error instanceof RegistryError && error.kind === 'invalid', String(error))
    return undefined
  }
}

test('any metadata is read or refused', () => {
  const dependency = fc.record(
    { name: fc.constantFrom('log', '', '../x'), version_req: fc.constantFrom('^1', '*', 'x') },
    {},
  )
  const metadata = fc.record(
    {
      name: fc.constantFrom('good', '__proto__', 'Ünï'),
      vers: fc.constantFrom('1.0.0', '1', '1.0.0+x'),
      deps: fc.oneof(fc.array(fc.oneof(dependency, fc.jsonValue())), fc.jsonValue()),
      features: fc.oneof(fc.dictionary(fc.string(), fc.array(fc.string())), fc.jsonValue()),
      links: fc.jsonValue(),
      rust_version: fc.oneof(fc.constantFrom('1.70', '>=1'), fc.jsonValue()),
    },
    { requiredKeys: ['name', 'vers'] },
  )
  const parse = (value: unknown) => orRefused(() => readAnnouncement(Buffer.from(JSON.stringify(value))))
  fc.assert(fc.property(fc.oneof(metadata, fc.jsonValue()), (value) => void parse(value)))
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void orRefused(() => readAnnouncement(Buffer.from(bytes)))))
  const plain: Announcement | undefined = parse({ name: 'good', vers: '1.0.0' })
  assert.partialDeepStrictEqual(plain?.entry, { deps: [], features: {}, links: null, v: 1 })
})

test('any Cargo.toml is read or refused', () => {
  const section = '[package]\nname = "a"\nversion = "1.0.0"\n'
  const seeds = [
    '',
    '[package',
    'package = 1',
    `${section}__proto__ = 1\n[dependencies]\n__proto__ = "1"\nconstructor = { package = "x" }`,
    `${section}x = ${'['.repeat(10_000)}`,
    `${section}x = ${'{a='.repeat(10_000)}`,
    `${section}${'[a.b]\n'.repeat(3)}`,
    `${section}readme = true\nauthors = 3\nrust-version = [1]`,
  ]
  for (const text of seeds) orRefused(() => readManifest(text))
  fc.assert(fc.property(fc.string(), (text) => void orRefused(() => readManifest(section + text))))
  const { required, readmeFile } = readManifest(
    `${section}readme = true\n[dependencies]\nx = "1"\ny = { package = "z" }\n[target.'cfg(unix)'.build-dependencies]\nc = "1"\n[dev-dependencies]\nd = "1"`,
  )
  assert.deepEqual([[...required], readmeFile], [['normal x', 'normal z', 'build c'], 'README.md'])
})
