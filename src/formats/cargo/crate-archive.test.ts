import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { makeCrate } from '../../../test/support/cargo-crate.ts'
import { packTarball } from '../../../test/support/tarball.ts'
import { RegistryError } from '../../registry/errors.ts'
import type { AssetSource } from '../../registry/format.ts'
import { sampleCrates } from './conformance.ts'
import { readArchive } from './crate-archive.ts'
import { FrameReader } from './frame-reader.ts'
import { readCrate } from './inspect.ts'

function asset(bytes: Buffer): AssetSource {
  return { name: 'x.crate', sizeBytes: bytes.length, open: (start = 0) => Readable.from([bytes.subarray(start)]) }
}

const open = (bytes: Buffer) => readCrate(asset(bytes))

test('what Cargo makes is read', async () => {
  for (const { name, version, manifest } of sampleCrates) {
    const { root, manifest: found } = await open(makeCrate({ name, version, manifest }).bytes)
    assert.deepEqual([root, found.name, found.version], [`${name}-${version}`, name, version])
  }
})

test('the readme is the one that the manifest names', async () => {
  const files = [
    { path: 'x-1.0.0/README.md', content: 'root' },
    { path: 'x-1.0.0/docs/README.md', content: 'deeper' },
    { path: 'x-1.0.0/README.txt', content: 'other' },
  ]
  const crate = makeCrate({ name: 'x', version: '1.0.0', manifest: 'readme = "README.txt"\n', files })
  assert.equal((await open(crate.bytes)).readme, 'other')
  assert.equal((await open(makeCrate({ name: 'x', version: '1.0.0', files }).bytes)).readme, undefined)
})

test('an archive that is much larger than it looks is refused', async () => {
  const bomb = gzipSync(Buffer.alloc(1024 * 1024 + 1))
  const archive = readArchive(asset(bomb), 1024 * 1024)
  await assert.rejects(archive, { kind: 'invalid', message: /unpacks to more than 1048576 bytes/ })
})

test('two archives in one, and one in another, are no crate', async () => {
  await assert.rejects(open(gzipSync(makeCrate('x@1.0.0').bytes)), { message: /compressed twice/ })
  await assert.rejects(open(packTarball([{ path: 'x-1.0.0/src/lib.rs', content: '' }])), { message: /no Cargo\.toml/ })
})

test('any change of a crate is read or refused', async () => {
  const { bytes } = makeCrate('x@1.0.0')
  const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255))
  const property = fc.asyncProperty(fc.array(change, { maxLength: 4 }), fc.nat(bytes.length), async (changes, end) => {
    const changed = Buffer.from(bytes.subarray(0, end))
    for (const [at, byte] of changes) if (at < end) changed[at] = byte
    await open(changed).catch((error: unknown) => {
      assert.ok(error instanceof RegistryError && error.kind === 'invalid', String(error))
    })
  })
  await fc.assert(property, { numRuns: 60 })
})

test('parts come whole, however the body was cut', async () => {
  const body = Buffer.from('\x03\0\0\0abc\x02\0\0\0de', 'latin1')
  const cuts = fc.array(fc.nat(body.length), { maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(cuts, async (given) => {
      const places = [0, ...given.toSorted((left, right) => left - right), body.length]
      const chunks = places.slice(1).map((place, index) => body.subarray(places[index], place))
      const reader = new FrameReader(Readable.from(chunks))
      assert.equal(String(await reader.take(await reader.takeLength('first'), 'first')), 'abc')
      assert.equal(String(await reader.take(await reader.takeLength('second'), 'second')), 'de')
      await reader.end()
    }),
  )
  const short = new FrameReader(Readable.from([body.subarray(0, 5)]))
  await short.takeLength('first')
  await assert.rejects(short.take(3, 'the first'), { kind: 'invalid', message: /2 bytes before the end of the first/ })
  const long = new FrameReader(Readable.from([body]))
  await long.take(4, 'some')
  await assert.rejects(long.end(), { kind: 'invalid', message: /goes on/ })
})
