import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeSwift } from '../../../test/support/swift-package.ts'
import { packZip, type ZipEntry } from '../../../test/support/zip-archive.ts'
import { RegistryError } from '../../registry/errors.ts'
import type { AssetSource } from '../../registry/format.ts'
import { readFacts } from './facts.ts'
import { inspect, readArchive } from './inspect.ts'
import {
  alternatesOf,
  manifestFor,
  parseToolsVersion,
  readDependencies,
  readManifest,
  showToolsVersion,
} from './manifest.ts'
import { parseMetadata, showMetadata } from './metadata.ts'
import { addContents, readRelease } from './release.ts'

function asset(bytes: Buffer): AssetSource {
  const name = 'source-archive.zip'
  return { name, sizeBytes: bytes.length, open: (start = 0) => Readable.from([bytes.subarray(start)]) }
}

const manifest = { path: 'r/Package.swift', content: '// swift-tools-version:5.5\n' }
const hostile = (...entries: readonly ZipEntry[]) => packZip([manifest, ...entries])
const link = (path: string, content: string) => ({ path, content, mode: 0o120777 })

test('what is no archive of a package is refused, and so is what could harm who unpacks it', async (t) => {
  const evil: Readonly<Record<string, readonly [RegExp, Buffer]>> = {
    'no archive': [/not a sound zip archive/, Buffer.from('PK is not enough')],
    'an empty archive': [/exactly one folder/, packZip([])],
    'no manifest': [/no Package\.swift/, packZip([{ path: 'r/Other.swift' }])],
    'a manifest too deep': [/no Package\.swift/, packZip([{ path: 'r/s/Package.swift' }])],
    'a manifest at the root': [/exactly one folder/, packZip([{ path: 'Package.swift' }])],
    'a manifest in another case': [/no Package\.swift/, packZip([{ path: 'r/package.swift' }])],
    'two folders': [/exactly one folder/, hostile({ path: 's/x' })],
    'a file beside the folder': [/exactly one folder/, hostile({ path: 'x' })],
    'the same path in another case': [/twice, but for its case/, hostile({ path: 'r/A' }, { path: 'r/a' })],
    'the same path twice': [/twice/, hostile({ path: 'r/a' }, { path: 'r/a' })],
    'a path outside': [/not a sound zip|outside of itself/, hostile({ path: 'r/../../a' })],
    'an absolute path': [/not a sound zip|outside of itself/, hostile({ path: '/r/a' })],
    'a backslash': [/not a sound zip|outside of itself/, hostile({ path: 'r\\..\\a' })],
    'a drive': [/not a sound zip|exactly one folder|outside of itself/, hostile({ path: 'C:/a' })],
    'a link that is absolute': [/leads outside/, hostile(link('r/l', '/etc/passwd'))],
    'a link that leads out': [/leads outside/, hostile(link('r/l', '../x'))],
    'a link that leads out and in again': [/leads outside/, hostile(link('r/l', '../r/x'))],
    'a link through another one': [/leads outside/, hostile(link('r/a/l', '..'), link('r/m', 'a/l/../../etc'))],
    'a link to itself': [/leads outside/, hostile(link('r/l', 'l'))],
    'a link that is empty': [/leads outside/, hostile(link('r/l', ''))],
    'a file below a link': [/below a link/, hostile(link('r/l', 'x'), { path: 'r/l/y' })],
    'a file below a link in another case': [/below a link/, hostile(link('r/L', 'x'), { path: 'r/l/y' })],
    'a manifest that is a link': [/twice/, hostile(link('r/Package.swift', 'x'))],
    'a device': [/link or a device/, hostile({ path: 'r/d', mode: 0o020666 })],
    'an encrypted entry': [/encrypted/, hostile({ path: 'r/e', content: 'x', flags: 1 })],
    'another name before the data': [/says two things/, hostile({ path: 'r/aa', localPath: 'r/bb' })],
    'bytes between entries': [/belong to no entry/, hostile({ path: 'r/e', gap: Buffer.from('gap') })],
    'an archive that is mostly air': [
      /unpacks to/,
      hostile({ path: 'r/bomb', content: Buffer.alloc(80 * 1024 * 1024) }),
    ],
    'a manifest without end': [
      /larger than/,
      hostile({ path: 'r/Package@swift-6.swift', content: Buffer.alloc(2 * 1024 * 1024) }),
    ],
    'manifests without end': [
      /more than 50 manifests/,
      hostile(...Array.from({ length: 60 }, (_, minor) => ({ path: `r/Package@swift-5.${minor}.swift` }))),
    ],
  }
  for (const [what, [message, bytes]] of Object.entries(evil)) {
    await t.test(what, () => assert.rejects(readArchive(asset(bytes), 'strict'), { kind: 'invalid', message }))
  }
})

test('links inside are what git archives, and are taken', async () => {
  const bytes = hostile(link('r/Sources/l', '../README.md'), link('r/m', 'Sources'), {
    path: 'r/README.md',
    content: '# x',
  })
  assert.equal((await readArchive(asset(bytes), 'strict')).readme, '# x')
})

test('any change of an archive is read or refused', async () => {
  const { bytes } = makeSwift({ id: 'a.b', version: '1.0.0', files: { 'README.md': 'x' } })
  const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255))
  const property = fc.asyncProperty(fc.array(change, { maxLength: 4 }), fc.nat(bytes.length), async (changes, end) => {
    const changed = Buffer.from(bytes.subarray(0, end))
    for (const [at, byte] of changes) if (at < end) changed[at] = byte
    for (const read of [() => readArchive(asset(changed), 'strict'), () => inspect(asset(changed))]) {
      await read().catch((error: unknown) => {
        assert.ok(error instanceof RegistryError && error.kind === 'invalid', String(error))
      })
    }
  })
  await fc.assert(property, { numRuns: 100 })
})

test('a manifest says for which tools it is', () => {
  const tools: Readonly<Record<string, string>> = {
    '// swift-tools-version:5.9\n': '5.9',
    '//swift-tools-version: 6.0.1': '6.0.1',
    '\n// SWIFT-TOOLS-VERSION : 5 ; more': '5.0',
    '// something else': '3.1',
    '// swift-tools-version:': '3.1',
    '// swift-tools-version:5.9.1.2': '3.1',
    '': '3.1',
  }
  for (const [text, version] of Object.entries(tools)) {
    assert.equal(showToolsVersion(readManifest('Package.swift', Buffer.from(text)).toolsVersion), version, text)
  }
  for (const text of ['', 'x', '5.', '5.9.0.1', '-1', '99999']) assert.equal(parseToolsVersion(text), undefined, text)
})

test('an alternate whose name and first line differ is not announced, and found by both', () => {
  const made = (file: string, version: string) => readManifest(file, Buffer.from(`// swift-tools-version:${version}\n`))
  const odd = made('Package@swift-5.8.swift', '5.7')
  const all = [made('Package.swift', '5.5'), odd, made('Package@swift-6.swift', '6.0')]
  assert.deepEqual(alternatesOf(all), [all[2]])
  assert.equal(manifestFor(all, [5, 8, 0]), odd)
  assert.equal(manifestFor(all, [5, 7, 0]), odd)
  assert.equal(manifestFor(all, [5, 5, 0]), undefined)
})

test('dependencies are read from text, but not from comments', () => {
  const text = `/* .package(id: "a.b", from: "1.0.0") */ let s = "// not a comment .package("
    .package(
      id: "mona.One",
      exact: "1.2.3"
    ), .package(name: "Two", url: "https://git.example/two.git", .branch("main")),
    .package(path: "../local"), .package(id: "nodot", from: "1.0.0"), .package(url: "https://git.example/three") // .package(id: "c.d", from: "1")`
  assert.deepEqual(readDependencies(Buffer.from(text)), [
    { kind: 'registry', target: 'mona.One', requirement: 'exact: "1.2.3"' },
    { kind: 'sourceControl', target: 'https://git.example/two.git', requirement: '.branch("main")' },
    { kind: 'sourceControl', target: 'https://git.example/three', requirement: '' },
  ])
  const started = performance.now()
  for (const piece of [
    '/*',
    '"',
    '//',
    '.package(',
    '.package(id: "',
    '.package(id: "a.b", (',
    '/*/',
    '\\"',
    '.package(name:"',
  ]) {
    readDependencies(Buffer.from(piece.repeat(100_000)))
  }
  assert.ok(performance.now() - started < 5000, `${performance.now() - started} ms`)
  fc.assert(fc.property(fc.string(), (any) => void readDependencies(Buffer.from(any))))
})

test('metadata is what clients can read, or refused by its field', () => {
  const bad: Readonly<Record<string, RegExp>> = {
    'not json': /not JSON/,
    '[]': /not a JSON object/,
    '{"description":5}': /metadata\.description '5' must be text/,
    '{"repositoryURLs":"x"}': /metadata\.repositoryURLs/,
    '{"repositoryURLs":[1]}': /metadata\.repositoryURLs/,
    '{"author":"Mona"}': /metadata\.author/,
    '{"author":{}}': /metadata\.author must have a name/,
    '{"author":{"name":"x","organization":{"url":"y"}}}': /author\.organization must have a name/,
    '{"originalPublicationTime":"soon"}': /originalPublicationTime 'soon'/,
    [`{"x":${'['.repeat(1000)}${']'.repeat(1000)}}`]: /nested more than 20 times/,
  }
  for (const [text, message] of Object.entries(bad)) {
    assert.throws(() => parseMetadata(Buffer.from(text)), { kind: 'invalid', message }, text)
  }
  assert.deepEqual(parseMetadata(Buffer.from('{"author":null,"x":[[1]]}')), { author: null, x: [[1]] })
  assert.deepEqual(showMetadata({ originalPublicationTime: '2020-01-02', x: 1 }), {
    originalPublicationTime: '2020-01-02T00:00:00Z',
    x: 1,
  })
  assert.deepEqual(showMetadata({ originalPublicationTime: 'soon' }), {})
})

test('any metadata is read or refused, and facts are told of any document', () => {
  const fields = fc.constantFrom(
    'author',
    'description',
    'licenseURL',
    'repositoryURLs',
    'originalPublicationTime',
    'name',
  )
  const value = fc.oneof(fc.jsonValue(), fc.dictionary(fields, fc.jsonValue()))
  const property = fc.property(fc.dictionary(fields, value), (metadata) => {
    try {
      showMetadata(parseMetadata(Buffer.from(JSON.stringify(metadata))))
    } catch (error) {
      assert.ok(error instanceof RegistryError && error.kind === 'invalid', String(error))
    }
  })
  fc.assert(property)
  const parts = fc.constantFrom('id', 'metadata', 'signature', 'contents', 'dependencies', 'format', 'base64')
  const document = fc.oneof(
    fc.jsonValue(),
    fc.dictionary(parts, fc.oneof(fc.jsonValue(), fc.dictionary(parts, fc.jsonValue()))),
  )
  fc.assert(
    fc.property(document, document, (stored, added) => {
      readFacts(stored)
      readRelease(addContents(stored, added))
    }),
  )
})
