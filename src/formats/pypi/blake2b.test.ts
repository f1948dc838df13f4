import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Blake2b256 } from './blake2b.ts'

/** Source: Python's `hashlib.blake2b(…, digest_size=32)`. */
const known = [
  ['', '0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8'],
  ['abc', 'bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319'],
  ['x'.repeat(128), '164ffb7089bae6f5a62fb0795e751dc9e88eac92e1a5b2fafe93a25abf2d9c3b'],
  ['x'.repeat(129), '03b0758fa71d249c846c2304a2b9996e6ae66ffa7e5528f9e612e089a360fc8d'],
  ['xyz1'.repeat(100_000), '3ec14eb8b952668b40710d367f97aed460dccb00f11184a245ff265f1d8a8113'],
] as const

test('digests are those that Python computes', () => {
  for (const [text, digest] of known) {
    assert.equal(new Blake2b256().update(Buffer.from(text)).digest(), digest, `${text.length} bytes`)
  }
})

test('the pieces in which bytes come make no difference', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }), (pieces) => {
      const hash = new Blake2b256()
      for (const piece of pieces) hash.update(Buffer.from(piece))
      const whole = Buffer.concat(pieces)
      assert.equal(hash.digest(), new Blake2b256().update(whole).digest())
    }),
  )
})
