import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { digestsOf, readChecksum } from './checksums.ts'
import { checksumAlgorithms } from './layout.ts'

const digests = digestsOf(Buffer.from('bytes'))

/** The forms that are out there. */
const forms: readonly ((digest: string) => string)[] = [
  (digest) => digest,
  (digest) => `${digest}\n`,
  (digest) => digest.toUpperCase(),
  (digest) => `${digest}  x-1.0.jar\r\n`,
  (digest) => `${digest} *x-1.0.jar`,
  (digest) => `SHA1(x-1.0.jar)= ${digest}`,
  (digest) => `x-1.0.jar: ${digest}`,
]

test('a checksum is read in every form in which it is published', () => {
  for (const algorithm of checksumAlgorithms) {
    for (const form of forms) assert.equal(readChecksum(form(digests[algorithm]), algorithm), digests[algorithm])
  }
  assert.equal(readChecksum('1'.repeat(38), 'sha1'), `00${'1'.repeat(38)}`, 'Gradle left out zeros in front')
  for (const none of ['', '<html>not found</html>', 'z'.repeat(40), '1'.repeat(41), '1'.repeat(20)])
    assert.equal(readChecksum(none, 'sha1'), undefined, none)
})

test('whatever a file says, a checksum is one or is none', () => {
  const seeds = checksumAlgorithms.flatMap((algorithm) => forms.map((form) => form(digests[algorithm])))
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(...seeds),
    fc.stringMatching(/^[0-9a-fA-F= ]*$/),
  )
  fc.assert(
    fc.property(texts, texts, fc.constantFrom(...checksumAlgorithms), (left, right, algorithm) => {
      const found = readChecksum(left + right, algorithm)
      if (found !== undefined) assert.match(found, new RegExp(`^[0-9a-f]{${digests[algorithm].length}}$`))
    }),
  )
})
