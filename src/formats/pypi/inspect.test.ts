import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { ZipFile } from 'yazl'
import { makePython, metadataOf, sha256, wheelEntries } from '../../../test/support/python-package.ts'
import { packTarball, type TarEntry } from '../../../test/support/tarball.ts'
import { packZip, type ZipEntry } from '../../../test/support/zip-archive.ts'
import { RegistryError } from '../../registry/errors.ts'
import type { AssetSource } from '../../registry/format.ts'
import { sampleProjects } from './conformance.ts'
import { readFacts } from './facts.ts'
import { inspect, readDistribution } from './inspect.ts'

const wheelName = 'tiny-1.0-py3-none-any.whl'
const tiny = { name: 'tiny', version: '1.0' }

function asset(name: string, bytes: Buffer): AssetSource {
  // In pieces, as a store gives them.
  const pieces = (rest: Buffer) =>
    Array.from({ length: Math.ceil(rest.length / 1000) }, (_, i) => rest.subarray(i * 1000, (i + 1) * 1000))
  return { name, sizeBytes: bytes.length, open: (start = 0) => Readable.from(pieces(bytes.subarray(start))) }
}

function wheel(entries: readonly ZipEntry[], tail?: Buffer) {
  return readDistribution(asset(wheelName, packZip(entries, tail && { tail })), 'strict')
}

function sdist(entries: readonly TarEntry[]) {
  return readDistribution(asset('tiny-1.0.tar.gz', packTarball(entries)), 'strict')
}

const info = { path: 'tiny-1.0/PKG-INFO', content: metadataOf(tiny) }

for (const kind of ['wheel', 'sdist'] as const) {
  test(`every sample is read whole from a ${kind}`, async () => {
    for (const { name, version, metadata, facts, readme } of sampleProjects) {
      const made = makePython({ name, version, kind, metadata, ...(readme !== undefined && { description: readme }) })
      const found = await inspect(asset(made.filename, made.bytes))
      assert.deepEqual(readFacts(found?.document), { displayName: name, ...facts })
      assert.equal(found?.readme, readme)
    }
  })
}

test('the digest of a wheel is told of the very bytes of its METADATA', async () => {
  const made = makePython({ ...tiny, metadata: ['Summary: ü'] })
  const found = await readDistribution(asset(made.filename, made.bytes), 'strict')
  assert.equal(found.metadataSha256, sha256(made.metadata!))
})

test('archives whose sizes stand behind the data are read, as another library writes them', async () => {
  const zip = new ZipFile()
  for (const { path, content } of wheelEntries(tiny)) zip.addReadStream(Readable.from([Buffer.from(content)]), path)
  zip.end()
  const bytes = await buffer(zip.outputStream)
  assert.equal((await readDistribution(asset(wheelName, bytes), 'strict')).metadata.fields['name']?.[0], 'tiny')
})

test('a long archive is read too', async () => {
  const zip = new ZipFile()
  for (const { path, content } of wheelEntries(tiny))
    zip.addBuffer(Buffer.from(content), path, { forceZip64Format: true })
  zip.end({ forceZip64Format: true, comment: '' })
  const bytes = await buffer(zip.outputStream)
  assert.equal((await readDistribution(asset(wheelName, bytes), 'strict')).kind, 'wheel')
})

test('what is neither wheel nor sdist says nothing', async () => {
  assert.equal(await inspect(asset('tiny-1.0-py2.7.egg', Buffer.from('anything'))), undefined)
})

test('a hostile wheel is refused, and told why', async () => {
  const good = wheelEntries(tiny)
  const [first = { path: '', content: '' }] = good
  const hostile: readonly (readonly [RegExp, readonly ZipEntry[], Buffer?])[] = [
    [/twice/, [...good, { path: 'tiny/__init__.py', content: 'other' }]],
    [/outside|invalid relative path/, [...good, { path: '../evil.py' }]],
    [/absolute path/, [...good, { path: '/etc/evil' }]],
    [/invalid characters|backslash/, [...good, { path: 'a\\..\\evil' }]],
    [/control characters/, [...good, { path: 'a\nb' }]],
    [/link or a device/, [...good, { path: 'tiny/link', content: '/etc/passwd', mode: 0o120777 }]],
    [/encrypted/, [...good, { path: 'tiny/secret', content: 'x', flags: 1 }]],
    [/says two things of 'tiny\/a.py'/, [...good, { path: 'tiny/a.py', localPath: 'tiny/b.py' }]],
    [/belong to no entry/, [{ ...first, gap: Buffer.from('#!/bin/sh\n') }, ...good.slice(1)]],
    [/belong to no entry/, [...good, { path: 'tiny/z.py', gap: Buffer.from('hidden') }]],
    [/not a sound zip archive/, good, Buffer.from('more')],
    [/belong to no entry/, good, packZip(good)],
    [/no tiny-1\.0\.dist-info\/RECORD/, good.filter(({ path }) => !path.endsWith('RECORD'))],
    [/no tiny-1\.0\.dist-info\/METADATA/, good.filter(({ path }) => !path.endsWith('METADATA'))],
    [/no folder tiny-1\.0\.dist-info/, [first]],
    [/no folder tiny-1\.0\.dist-info/, wheelEntries({ ...tiny, version: '1.1' })],
    [/more than one folder/, [...good, { path: 'Tiny-1.0.0.dist-info/METADATA' }]],
    [/unpacks to \d+ bytes/, [...good, { path: 'tiny/bomb', content: Buffer.alloc(65 * 1024 * 1024) }]],
    [/says two things/, good.map((entry) => ({ ...entry, claimedBytes: 3, method: 'deflated' as const }))],
    [/METADATA is larger/, wheelEntries(tiny, Buffer.alloc(17 * 1024 * 1024, 'a\n'))],
  ]
  for (const [reason, entries, tail] of hostile) {
    await assert.rejects(wheel(entries, tail), (error) => {
      assert.ok(error instanceof RegistryError && error.kind === 'invalid', String(error))
      assert.match(error.message, reason)
      return true
    })
  }
})

test('an archive comment that could be another archive is refused', async () => {
  const bytes = packZip(wheelEntries(tiny), { comment: 'PK\u0005\u0006 and so on' })
  await assert.rejects(readDistribution(asset(wheelName, bytes), 'strict'), /comment/i)
})

test('a zip whose first bytes are a tar header too is refused', async () => {
  // The first entry's name is long enough to hold the header's checksum, which is then made right.
  const name = Buffer.alloc(300, 'a').toString()
  const bytes = packZip([{ path: name, method: 'stored', content: Buffer.alloc(600) }, ...wheelEntries(tiny)])
  const sum = bytes.subarray(0, 512).reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0)
  const check = Buffer.from(sum.toString(8).padStart(6, '0') + '  ')
  const tampered = Buffer.from(bytes)
  const directory = tampered.lastIndexOf(Buffer.alloc(300, 'a'))
  check.copy(tampered, 148)
  check.copy(tampered, directory + 118)
  await assert.rejects(readDistribution(asset(wheelName, tampered), 'strict'), /zip and a tar archive at once/)
})

test('a hostile sdist is refused, and told why', async () => {
  const hostile: readonly (readonly [RegExp, readonly TarEntry[]])[] = [
    [/outside of itself/, [info, { path: 'tiny-1.0/../../evil' }]],
    [/outside of itself/, [info, { path: '/etc/evil' }]],
    [/link that points outside/, [info, { path: 'tiny-1.0/l', type: '2', linkPath: '../../etc/passwd' }]],
    [/link that points outside/, [info, { path: 'tiny-1.0/l', type: '1', linkPath: 'other/x' }]],
    [/twice/, [info, { ...info, content: 'Name: other\n' }]],
    [/must hold one folder, and holds 2/, [info, { path: 'other/setup.py' }]],
    [/no tiny-1\.0\/PKG-INFO/, [{ path: 'tiny-1.0/setup.py' }]],
    [/PKG-INFO is larger/, [{ ...info, content: Buffer.alloc(17 * 1024 * 1024, 'a\n') }]],
    [/archive is empty/, []],
  ]
  for (const [reason, entries] of hostile) await assert.rejects(sdist(entries), reason)
  const bomb = gzipSync(Buffer.alloc(600 * 1024 * 1024))
  await assert.rejects(readDistribution(asset('tiny-1.0.tar.gz', bomb), 'strict'), /unpacks to more than|empty|damaged/)
  await assert.rejects(readDistribution(asset('tiny-1.0.tar.gz', Buffer.from('plain')), 'strict'), /not a gzip archive/)
})

test('a file that is gzip in front and zip behind is refused', async () => {
  const both = Buffer.concat([packTarball([info]), packZip(wheelEntries(tiny))])
  await assert.rejects(readDistribution(asset('tiny-1.0.tar.gz', both), 'strict'), /tar and a zip archive at once/)
})

test('links inside an sdist, and a zipped one, are fine', async () => {
  assert.equal((await sdist([info, { path: 'tiny-1.0/l', type: '2', linkPath: 'PKG-INFO' }])).kind, 'sdist')
  const zipped = packZip([{ path: 'tiny-1.0/', content: '' }, info, { path: 'tiny-1.0/setup.py', content: '' }])
  const found = await readDistribution(asset('tiny-1.0.zip', zipped), 'strict')
  assert.equal(found.metadata.fields['version']?.[0], '1.0')
})

test('what metadata says of licence files must be true, since it means something', async () => {
  const claim = (version: string) =>
    Buffer.from(`Metadata-Version: ${version}\nName: tiny\nVersion: 1.0\nLicense-File: LICENSE\n`)
  await assert.rejects(wheel(wheelEntries(tiny, claim('2.4'))), /License-File 'LICENSE' is not in the archive/)
  assert.equal((await wheel(wheelEntries(tiny, claim('2.1')))).kind, 'wheel')
  const files = { 'tiny-1.0.dist-info/licenses/LICENSE': 'do as you like' }
  assert.equal((await wheel(wheelEntries({ ...tiny, files }, claim('2.4')))).kind, 'wheel')
})

test('whatever the bytes, a file is read or refused', async () => {
  const seeds = [makePython(tiny).bytes, makePython({ ...tiny, kind: 'sdist' }).bytes, packZip([]), Buffer.alloc(0)]
  const bitten = fc.tuple(
    fc.constantFrom(...seeds),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 5 }),
  )
  await fc.assert(
    fc.asyncProperty(
      bitten,
      fc.nat(),
      fc.constantFrom(wheelName, 'tiny-1.0.tar.gz', 'tiny-1.0.zip'),
      async ([seed, bites], cut, name) => {
        const bytes = Buffer.from(cut % 3 === 0 ? seed.subarray(0, cut % (seed.length + 1)) : seed)
        for (const [at, byte] of bites) if (bytes.length > 0) bytes[at % bytes.length] = byte
        try {
          await readDistribution(asset(name, bytes), 'strict')
        } catch (error) {
          assert.ok(error instanceof RegistryError && error.kind === 'invalid', String(error))
        }
      },
    ),
    { numRuns: 150 },
  )
})
