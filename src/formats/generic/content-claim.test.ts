import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { RegistryError } from '../../registry/errors.ts'
import { claimOf } from './content-claim.ts'

const hex = createHash('sha256').update('bytes').digest('hex')
const base64 = createHash('sha256').update('bytes').digest('base64')

function claim(headers: Readonly<Record<string, string>>): string | undefined {
  return claimOf({ header: (name) => headers[name] })
}

test('a digest is read from the header of AWS, else from the standard ones', () => {
  assert.equal(claim({ 'x-amz-content-sha256': hex }), hex)
  assert.equal(claim({ 'content-digest': `sha-256=:${base64}:` }), hex)
  assert.equal(claim({ 'content-digest': `md5=:AAAA:, sha-256=:${base64}:` }), hex)
  assert.equal(claim({ 'repr-digest': `sha-256=:${base64}:` }), hex)
  assert.equal(claim({ 'content-digest': 'sha-512=:AAAA:' }), undefined)
  assert.equal(claim({}), undefined)
  assert.throws(() => claim({ 'x-amz-content-sha256': hex.toUpperCase() }), /64 lower-case hex digits/)
})

test('whatever the headers say, they claim a digest, or nothing, or are refused', () => {
  const texts = fc.oneof(
    fc.string(),
    fc.constantFrom(hex, 'UNSIGNED-PAYLOAD', `sha-256=:${base64}:`, 'sha-256=::', ','),
  )
  const names = fc.constantFrom('x-amz-content-sha256', 'content-digest', 'repr-digest')
  fc.assert(
    fc.property(fc.dictionary(names, texts), (headers) => {
      try {
        const found = claim(headers)
        if (found !== undefined) assert.match(found, /^[0-9a-f]{64}$/)
      } catch (error) {
        assert.ok(error instanceof RegistryError && error.kind === 'invalid', String(error))
      }
    }),
  )
})
