import assert from 'node:assert/strict'
import { Readable, Writable } from 'node:stream'
import { test } from 'node:test'
import fc from 'fast-check'
import { HttpError } from '../../http/call.ts'
import { RegistryError } from '../../registry/errors.ts'
import type { StagedAsset } from '../../registry/session.ts'
import { fieldOnce, receiveForm } from './form.ts'

const type = 'multipart/form-data; boundary=b'

/** What was staged is only counted. */
function stage(): StagedAsset & { readonly isDisposed: () => boolean } {
  let [sizeBytes, isDisposed] = [0, false]
  const writable = new Writable({
    write(chunk: Buffer, _, done) {
      sizeBytes += chunk.length
      done()
    },
  })
  return {
    writable,
    sealed: async () => ({ sizeBytes, md5: '', sha1: '', sha256: '', sha512: '' }),
    source: () => {
      throw new Error('nobody looks inside')
    },
    isDisposed: () => isDisposed,
    [Symbol.asyncDispose]: async () => void (isDisposed = true),
  }
}

function part(header: string, content: string): string {
  return `--b\r\nContent-Disposition: form-data; ${header}\r\n\r\n${content}\r\n`
}

const seeds = [
  `${part('name="name"', 'tiny')}${part('name="content"; filename="tiny-1.0.tar.gz"', 'bytes')}--b--\r\n`,
  `${part('name="content"; filename="../../x"', '\0\xff')}${part('name=":action"', 'file_upload')}--b--\r\n`,
  `${part('name="content"; filename="a"', '1')}${part('name="content"; filename="b"', '2')}--b--\r\n`,
  `${part('name="gpg_signature"; filename="a.asc"', 'sig')}${part('name="__proto__"', 'polluted')}--b--\r\n`,
  `${part('name="name"\r\nContent-Type: application/octet-stream', 'tiny')}--b--\r\n`,
  `--b\r\n\r\nno header\r\n--b--\r\n`,
  '--b--\r\n',
  '',
]

test('a form gives its fields, and its file as it was sent', async () => {
  const staged = stage()
  await using form = await receiveForm(Readable.from([Buffer.from(seeds[0] ?? '')]), type, async (fields) => {
    assert.equal(fieldOnce(fields, 'name'), 'tiny')
    return staged
  })
  assert.deepEqual([form.content?.filename, form.content?.sealed.sizeBytes], ['tiny-1.0.tar.gz', 5])
})

test('a form that is refused for a field is refused at once, wherever its file stands', async () => {
  const long = part('name="description"', 'x'.repeat(11 * 1024 * 1024))
  const file = part('name="content"; filename="tiny-1.0.tar.gz"', 'bytes'.repeat(100_000))
  for (const text of [`${long}${file}--b--\r\n`, `${file}${long}--b--\r\n`, `${file.slice(0, -200_000)}`]) {
    for (const pieceBytes of [text.length, 65_536, 1_000_003]) {
      const bytes = Buffer.from(text)
      const count = Math.ceil(bytes.length / pieceBytes)
      const pieces = Array.from({ length: count }, (_, at) => bytes.subarray(at * pieceBytes, (at + 1) * pieceBytes))
      const staged = stage()
      await assert.rejects(
        receiveForm(Readable.from(pieces), type, async () => staged),
        /form field description has more than|form is damaged/,
      )
    }
  }
})

test('whatever the bytes, a form is read or refused, and what was staged is removed', async () => {
  const mutated = fc
    .tuple(
      fc.constantFrom(...seeds),
      fc.nat(),
      fc.nat(20),
      fc.string({ unit: 'binary-ascii', maxLength: 8 }),
      fc.nat(9),
    )
    .map(([seed, at, cut, put, pieces]) => {
      const start = at % (seed.length + 1)
      const bytes = Buffer.from(seed.slice(0, start) + put + seed.slice(start + cut), 'latin1')
      const length = Math.max(1, Math.ceil(bytes.length / (pieces + 1)))
      const count = Math.ceil(bytes.length / length)
      return Array.from({ length: count }, (_, index) => bytes.subarray(index * length, (index + 1) * length))
    })
  await fc.assert(
    fc.asyncProperty(mutated, async (pieces) => {
      const opened: ReturnType<typeof stage>[] = []
      const open = async () => {
        const staged = stage()
        opened.push(staged)
        return staged
      }
      try {
        const form = await receiveForm(Readable.from(pieces), type, open)
        await form[Symbol.asyncDispose]()
      } catch (error) {
        const isRefusal = error instanceof HttpError || (error instanceof RegistryError && error.kind === 'invalid')
        assert.ok(isRefusal, String(error))
      }
      assert.ok(opened.every((staged) => staged.isDisposed()))
      assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
    }),
    { numRuns: 300 },
  )
})
