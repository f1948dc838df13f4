import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createPageTokens, type Listing, PageTokenError } from './page-token.ts'

const tokens = createPageTokens(Buffer.alloc(32, 7))
const listing: Listing = { operation: 'ListPackages', filters: { domain: 'd', format: 'npm', namespace: undefined } }

test('A token gives back the position it was made from, whatever stands in it', () => {
  const position = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.integer()), { maxLength: 4 })
  fc.assert(
    fc.property(position, (keys) => {
      const token = tokens.issue(listing, keys)
      assert.match(token, /^[A-Za-z0-9_-]+$/)
      assert.deepEqual(tokens.read(listing, token), JSON.parse(JSON.stringify(keys)))
    }),
  )
})

test('The order of filters and filters that are absent make no difference', () => {
  const token = tokens.issue(listing, ['npm', '', 'react'])
  const same = { operation: 'ListPackages', filters: { format: 'npm', domain: 'd' } }
  assert.deepEqual(tokens.read(same, token), ['npm', '', 'react'])
})

test('A token is refused by another listing, with another key, and when any character of it has changed', () => {
  const token = tokens.issue(listing, ['npm', '', 'react'])
  const refuses = (other: Listing, text: string, reader = tokens) =>
    assert.throws(() => reader.read(other, text), PageTokenError, text)
  refuses({ ...listing, operation: 'ListDomains' }, token)
  refuses({ ...listing, filters: { ...listing.filters, format: 'pypi' } }, token)
  refuses({ ...listing, filters: { ...listing.filters, namespace: '' } }, token)
  refuses(listing, token, createPageTokens(Buffer.alloc(32, 8)))
  for (const text of ['', 'x', '=', 'a b', token.slice(1), `${token}A`, 'A'.repeat(10_000)]) refuses(listing, text)
  for (let at = 0; at < token.length - 1; at++) {
    const other = token[at] === 'A' ? 'B' : 'A'
    refuses(listing, token.slice(0, at) + other + token.slice(at + 1))
  }
})
