import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { packTarball } from '../../test/support/tarball.ts'
import { EntryText } from './entry-text.ts'
import { readEntries, type TarballRules } from './tarball.ts'

const files = [
  { path: 'a/one', content: '\uFEFFfirst' },
  { path: 'a/two', content: 'second' },
]

async function read(bytes: Buffer, more: Partial<TarballRules> = {}) {
  const texts = new Map<string, EntryText>()
  await readEntries(Readable.from([bytes]), {
    what: 'the box',
    notGzip: 'the box cannot be opened',
    unpackedBytesMax: 1024 * 1024,
    entriesMax: 2,
    take: (entry) => {
      texts.set(entry.path, new EntryText(entry, 6))
    },
    ...more,
  })
  return texts
}

test('every entry is taken in turn, and as much of it kept as was asked for', async () => {
  const texts = await read(packTarball(files))
  assert.deepEqual([...texts.keys()], ['a/one', 'a/two'])
  assert.equal(texts.get('a/one')?.text(), 'fir')
  assert.deepEqual(texts.get('a/one')?.bytes(), Buffer.from('\uFEFFfir'))
  assert.equal(texts.get('a/two')?.text(), 'second')
})

test('each limit is met, and not passed', async () => {
  const tarball = packTarball(files)
  const unpackedBytes = gunzipSync(tarball).length
  await read(tarball, { unpackedBytesMax: unpackedBytes })
  const message = `the box unpacks to more than ${unpackedBytes - 1} bytes`
  await assert.rejects(read(tarball, { unpackedBytesMax: unpackedBytes - 1 }), { kind: 'invalid', message })
  await assert.rejects(read(tarball, { entriesMax: 1 }), { message: 'the box holds more than 1 entries' })
})

test('what follows the end is read past', async () => {
  const behind = Buffer.concat([gunzipSync(packTarball(files)), Buffer.alloc(8192, 'x')])
  assert.equal((await read(gzipSync(behind))).size, 2)
})

test('an archive without entries has none, whatever follows its end', async () => {
  assert.equal((await read(gzipSync(Buffer.alloc(1024)))).size, 0)
  const behind = Buffer.concat([Buffer.alloc(1024), gunzipSync(packTarball(files))])
  assert.equal((await read(gzipSync(behind))).size, 0)
  await assert.rejects(read(gzipSync(Buffer.alloc(2000)), { unpackedBytesMax: 1999 }), { message: /more than 1999/ })
})

test('what is no sound gzip file is refused in the words given', async () => {
  const whole = packTarball(files)
  await assert.rejects(read(Buffer.from('hello')), { kind: 'invalid', message: /^the box cannot be opened: / })
  await assert.rejects(read(whole.subarray(0, -9)), { kind: 'invalid', message: /^the box cannot be opened: / })
  await assert.rejects(read(gzipSync(whole)), { kind: 'invalid', message: 'the box is compressed twice' })
  await assert.rejects(read(gzipSync(Buffer.alloc(2048, 'x'))), { message: /^the box is damaged: / })
})

test('what goes wrong while it is read stays what it was', async () => {
  const take = () => {
    throw new TypeError('mine')
  }
  await assert.rejects(read(packTarball(files), { take }), { name: 'TypeError', message: 'mine' })
  const broken = new Readable({ read: (): unknown => broken.destroy(new Error('disk gone')) })
  await assert.rejects(readEntries(broken, { what: '', notGzip: '', unpackedBytesMax: 1, entriesMax: 1, take }), {
    message: 'disk gone',
  })
})
