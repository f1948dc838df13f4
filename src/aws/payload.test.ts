import assert from 'node:assert/strict'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { test } from 'node:test'
import { checkedPayload, PayloadMismatchError, sha256Hex } from './payload.ts'

async function collect(claimed: string): Promise<{ seen: string; isEnded: boolean }> {
  const outcome = { seen: '', isEnded: false }
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      outcome.seen += chunk.toString()
      done()
    },
    final(done) {
      outcome.isEnded = true
      done()
    },
  })
  const body = Readable.from([Buffer.from('hel'), Buffer.from('lo')], { objectMode: false })
  await pipeline(checkedPayload(body, claimed), sink).catch((error: unknown) => {
    assert.ok(error instanceof PayloadMismatchError)
    assert.match(error.message, new RegExp(`'${claimed}'.*'${sha256Hex(Buffer.from('hello'))}'`))
  })
  return outcome
}

test('The bytes that were signed pass', async () => {
  assert.deepEqual(await collect(sha256Hex(Buffer.from('hello'))), { seen: 'hello', isEnded: true })
})

test('Other bytes than the signed ones never come to an end', async () => {
  assert.deepEqual(await collect(sha256Hex(Buffer.from('hellO'))), { seen: 'hello', isEnded: false })
})
