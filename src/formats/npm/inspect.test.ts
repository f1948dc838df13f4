import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { Header, Pax } from 'tar'
import { type TarEntry, packTarball } from '../../../test/support/tarball.ts'
import { inspect, readTarball } from './inspect.ts'

const manifest = { name: 'fine', version: '1.0.0' }
const packageJson: TarEntry = { path: 'package/package.json', content: JSON.stringify(manifest) }

function source(bytes: Buffer) {
  return { name: 'package.tgz', sizeBytes: bytes.length, open: () => Readable.from([bytes]) }
}

function read(bytes: Buffer) {
  return readTarball(source(bytes))
}

test('a tarball tells its manifest, readme and sizes', async () => {
  const bytes = packTarball([
    { path: 'package', type: '5' },
    packageJson,
    { path: 'package/README', content: 'plain' },
    { path: 'package/ReadMe.md', content: '\uFEFF# Fine' },
    { path: 'package/npm-shrinkwrap.json', content: '{}' },
    { path: 'package/deep/package.json', content: 'not read' },
  ])
  assert.deepEqual(await read(bytes), {
    manifest,
    readme: '# Fine',
    hasShrinkwrap: true,
    fileCount: 5,
    unpackedBytes: JSON.stringify(manifest).length + 5 + 9 + 2 + 8,
  })
  const { document, readme } = await inspect(source(bytes))
  assert.equal(readme, '# Fine')
  assert.deepEqual(document, { ...manifest, _hasShrinkwrap: true, dist: { fileCount: 5, unpackedSize: 57 } })
})

test('the first folder may have any name, a manifest a byte order mark, a readme any size', async () => {
  const contents = await read(
    packTarball([
      { path: 'whatever/package.json', content: `\uFEFF${JSON.stringify(manifest)}` },
      { path: 'whatever/readme.markdown', content: 'x'.repeat(3_000_000) },
    ]),
  )
  assert.deepEqual(contents.manifest, manifest)
  assert.equal(contents.readme?.length, 1024 * 1024)
  assert.equal(contents.hasShrinkwrap, false)
})

test('links that stay inside the package are no harm', async () => {
  const links: TarEntry[] = [
    { path: 'package/a', type: '2', linkPath: './package.json' },
    { path: 'package/deep/b', type: '2', linkPath: '../package.json' },
    { path: 'package/c', type: '1', linkPath: 'package/package.json' },
  ]
  assert.deepEqual((await read(packTarball([packageJson, ...links]))).manifest, manifest)
})

const hostile: Readonly<Record<string, readonly [TarEntry, RegExp]>> = {
  'an absolute path': [{ path: '/etc/passwd' }, /path outside of itself: '\/etc\/passwd'/],
  'a path that climbs out': [{ path: 'package/../../x' }, /path outside of itself/],
  'a path that only looks as if it stayed': [{ path: 'package/a/../b' }, /path outside of itself/],
  'a path of Windows': [{ path: 'package\\..\\..\\x' }, /path outside of itself/],
  'a drive of Windows': [{ path: 'C:\\x' }, /path outside of itself/],
  'a symbolic link that climbs out': [
    { path: 'package/x', type: '2', linkPath: '../../etc' },
    /link that points outside/,
  ],
  'an absolute symbolic link': [{ path: 'package/x', type: '2', linkPath: '/etc' }, /link that points outside/],
  'a link to a neighbour': [{ path: 'package/x', type: '2', linkPath: '../package2/x' }, /link that points outside/],
  'a hard link that climbs out': [{ path: 'package/x', type: '1', linkPath: '../x' }, /link that points outside/],
  'an absolute hard link': [{ path: 'package/x', type: '1', linkPath: '/etc/passwd' }, /link that points outside/],
  'a device': [{ path: 'package/x', type: '3' as '0' }, /device/],
  'a pipe': [{ path: 'package/x', type: '6' as '0' }, /device/],
  'a second package.json': [packageJson, /two files package\.json/],
  'a second package.json in another folder': [
    { ...packageJson, path: 'other/package.json' },
    /two files package\.json/,
  ],
}

for (const [what, [entry, message]] of Object.entries(hostile)) {
  test(`a tarball with ${what} is refused`, async () => {
    await assert.rejects(read(packTarball([packageJson, entry])), { name: 'RegistryError', kind: 'invalid', message })
  })
}

test('a path that hides behind an extended header is seen', async () => {
  const pax = new Pax({ path: 'package/../../x' }).encode()
  const inner = Buffer.alloc(1024)
  new Header({ path: 'package/harmless', size: 0, type: 'File', mode: 0o644 }).encode(inner)
  const bytes = gzipSync(Buffer.concat([pax, inner.subarray(0, 512), Buffer.alloc(1024)]))
  await assert.rejects(read(bytes), /path outside of itself/)
})

test('what is no gzip tar with a package.json is refused', async () => {
  const whole = packTarball([packageJson])
  const wrong: [Buffer, RegExp][] = [
    [Buffer.from('hello'), /not a gzip file/],
    [Buffer.alloc(0), /no package\.json|not a gzip|unexpected end/],
    [whole.subarray(0, whole.length - 20), /not a gzip file/],
    [gzipSync('hello, this is not a tar'), /damaged|no package\.json/],
    [gzipSync(Buffer.alloc(4096, 'x')), /damaged/],
    [gzipSync(whole), /compressed twice/],
    [packTarball([{ path: 'package.json', content: '{}' }, { path: 'package/x' }]), /no package\.json/],
    [packTarball([{ path: 'package/package.json', content: '{' }]), /package\.json is not JSON/],
    [packTarball([{ path: 'package/package.json', content: '[]' }]), /package\.json is not an object/],
    [packTarball([{ path: 'package/package.json', content: ' '.repeat(2_097_153) }]), /larger than 2097152 bytes/],
    [packTarball([{ path: 'package/package.json', type: '2', linkPath: './x' }]), /no package\.json/],
  ]
  for (const [bytes, message] of wrong) {
    await assert.rejects(read(bytes), { name: 'RegistryError', kind: 'invalid', message })
  }
})

test('a tarball that unpacks to far more than it is is given up early', async () => {
  const zeros = gzipSync(Buffer.alloc(16 * 1024 * 1024))
  const bomb = Buffer.concat([
    gzipSync(gunzipSync(packTarball([packageJson])).subarray(0, 1024)),
    ...Array(40).fill(zeros),
  ])
  assert.ok(bomb.length < 1024 * 1024)
  await assert.rejects(read(bomb), /unpacks to more than/)
})

test('a failure of the store is not blamed on the tarball', async () => {
  const broken = {
    name: 'x',
    sizeBytes: 1,
    open: () =>
      new Readable({
        read() {
          this.destroy(new Error('disk gone'))
        },
      }),
  }
  await assert.rejects(readTarball(broken), { message: 'disk gone' })
})

test('any damage is refused in words or does no harm', async () => {
  const whole = packTarball([packageJson, { path: 'package/index.js', content: 'x'.repeat(700) }])
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(255), async (place, byte) => {
      const bytes = Buffer.from(whole)
      bytes[place % bytes.length] = byte
      await read(bytes).catch((error: unknown) => {
        assert.ok(error instanceof Error && error.name === 'RegistryError', String(error))
      })
    }),
  )
})

test('any bytes behind the gzip header are refused in words or do no harm', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (bytes) => {
      await read(gzipSync(bytes)).catch((error: unknown) => {
        assert.ok(error instanceof Error && error.name === 'RegistryError', String(error))
      })
    }),
  )
})
