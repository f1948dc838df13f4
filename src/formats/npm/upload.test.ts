import assert from 'node:assert/strict'
import { Readable, Writable } from 'node:stream'
import { test } from 'node:test'
import type { StagedAsset } from '../../registry/session.ts'
import { receiveUpload } from './upload.ts'

/** A place in memory; what becomes of it is what is looked at. */
function stagePlace() {
  const chunks: Buffer[] = []
  const seen = { opened: 0, disposed: 0, bytes: () => Buffer.concat(chunks) }
  const stage = async (): Promise<StagedAsset> => {
    seen.opened += 1
    return {
      writable: new Writable({
        write(chunk: Buffer, _, done) {
          chunks.push(chunk)
          setImmediate(done)
        },
      }),
      sealed: async () => ({ sizeBytes: seen.bytes().length, sha256: '', sha512: '', sha1: '', md5: '' }),
      source: () => ({ name: '', sizeBytes: 0, open: () => Readable.from(chunks) }),
      async [Symbol.asyncDispose]() {
        seen.disposed += 1
      },
    }
  }
  return { seen, stage }
}

async function* pieces(body: string, length = 7): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(body)
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

const tarball = Buffer.from('the bytes of a tarball')
const body = JSON.stringify({ name: 'x', _attachments: { 'x-1.0.0.tgz': { data: tarball.toString('base64') } }, z: 1 })

test('the tarball is staged, the rest is the document, and disposing removes both', async () => {
  const { seen, stage } = stagePlace()
  const upload = await receiveUpload(pieces(body), stage)
  assert.deepEqual(upload.document, { name: 'x', _attachments: { 'x-1.0.0.tgz': { data: '' } }, z: 1 })
  assert.equal(upload.tarball?.key, 'x-1.0.0.tgz')
  assert.equal(upload.tarball?.sealed.sizeBytes, tarball.length)
  assert.deepEqual(seen.bytes(), tarball)
  assert.equal(seen.disposed, 0)
  await upload[Symbol.asyncDispose]()
  assert.equal(seen.disposed, 1)
})

test('a document without a tarball stages nothing', async () => {
  const { seen, stage } = stagePlace()
  assert.equal((await receiveUpload(pieces('{"versions":{"1.0.0":{}}}'), stage)).tarball, undefined)
  assert.equal(seen.opened, 0)
})

test('whatever goes wrong, what was staged is let go of and the body is not read on', async () => {
  const second = body.replace('"x-1.0.0.tgz"', '"a.tgz":{"data":"AAAA"},"x-1.0.0.tgz"')
  const wrong: [string, RegExp][] = [
    [body.slice(0, 60), /breaks off|not valid Base64/],
    [body.slice(0, -1), /not JSON/],
    [body.replace('dGhl', 'dG!l'), /not valid Base64/],
    [second, /exactly one \.tgz/],
    [`${body.slice(0, -1)},"deep":${'['.repeat(200)}`, /nested deeper/],
  ]
  for (const [broken, message] of wrong) {
    const { seen, stage } = stagePlace()
    const source = Readable.from(pieces(broken))
    await assert.rejects(receiveUpload(source as AsyncIterable<Buffer>, stage), message)
    assert.equal(seen.disposed, seen.opened)
    assert.ok(source.destroyed)
  }
})

test('who may not publish is refused before a byte of the tarball is taken', async () => {
  const source = Readable.from(pieces(body, 40))
  const refuse = () => Promise.reject(new Error('no'))
  await assert.rejects(receiveUpload(source as AsyncIterable<Buffer>, refuse), { message: 'no' })
  assert.ok(source.destroyed)
})
