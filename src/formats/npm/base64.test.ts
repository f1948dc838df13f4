import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Base64Decoder } from './base64.ts'

function decode(pieces: readonly string[]): Buffer {
  const decoder = new Base64Decoder()
  const decoded = Buffer.concat(pieces.map((piece) => decoder.decode(Buffer.from(piece, 'latin1'))))
  decoder.end()
  return decoded
}

test('bytes come back whatever the pieces', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 9 }), (bytes, length) => {
      const text = Buffer.from(bytes).toString('base64')
      const pieces = text.match(new RegExp(`.{1,${length}}`, 'g')) ?? []
      assert.deepEqual(decode(pieces), Buffer.from(bytes))
    }),
  )
})

test('what is not Base64 is refused', () => {
  const wrong = [
    'A',
    'AB',
    'ABC',
    'AB=C',
    'ABCD=',
    'AB==ABCD',
    'AB C',
    'AB\nC',
    'AB!D',
    '====',
    'A===',
    'ABCDé',
    '"ABC',
  ]
  for (const text of wrong) {
    assert.throws(() => decode([text]), /not valid Base64/, text)
    assert.throws(() => decode([...text]), /not valid Base64/, text)
  }
})
