import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { acceptsGzip, matchesEtag, parseRange } from './negotiation.ts'

test('gzip is used where it is at least as welcome as nothing', () => {
  const asked: [string | undefined, boolean][] = [
    ['gzip, deflate, br', true],
    ['gzip;q=0.5', true],
    ['GZIP', true],
    ['*', true],
    ['*;q=0.1', true],
    ['gzip;q=0, *', false],
    ['gzip; q=0.2, identity; q=0.9', false],
    ['identity', false],
    ['br, zstd', false],
    ['gzip;q=nonsense', false],
    ['', false],
    [undefined, false],
  ]
  for (const [header, expected] of asked) assert.equal(acceptsGzip(header), expected, String(header))
})

test('entity tags are compared weakly, in lists too', () => {
  const asked: [string | undefined, boolean][] = [
    ['W/"a"', true],
    ['"a"', true],
    ['"x", W/"a" , "y"', true],
    ['*', true],
    ['"x", "y,a"', false],
    ['a', false],
    ['', false],
    [undefined, false],
  ]
  for (const [header, expected] of asked) assert.equal(matchesEtag(header, 'W/"a"'), expected, String(header))
})

test('one range of bytes is understood, everything else is the whole', () => {
  const asked: [string | undefined, object][] = [
    ['bytes=0-0', { kind: 'part', range: { start: 0, end: 0 } }],
    ['bytes=2-', { kind: 'part', range: { start: 2, end: 9 } }],
    ['bytes=2-99', { kind: 'part', range: { start: 2, end: 9 } }],
    ['bytes=-3', { kind: 'part', range: { start: 7, end: 9 } }],
    ['bytes=-99', { kind: 'part', range: { start: 0, end: 9 } }],
    ['bytes=10-', { kind: 'outside' }],
    ['bytes=-0', { kind: 'outside' }],
    ['bytes=5-2', { kind: 'whole' }],
    ['bytes=0-1,3-4', { kind: 'whole' }],
    ['lines=0-1', { kind: 'whole' }],
    ['bytes=-', { kind: 'whole' }],
    [undefined, { kind: 'whole' }],
  ]
  for (const [header, expected] of asked) assert.deepEqual(parseRange(header, 10), expected, String(header))
})

test('a range always lies within the asset', () => {
  fc.assert(
    fc.property(fc.nat(100), fc.option(fc.nat()), fc.option(fc.nat()), (size, first, last) => {
      const found = parseRange(`bytes=${first ?? ''}-${last ?? ''}`, size)
      if (found.kind !== 'part') return
      assert.ok(0 <= found.range.start && found.range.start <= found.range.end && found.range.end < size)
    }),
  )
})

test('no header makes negotiation throw', () => {
  fc.assert(
    fc.property(fc.string(), (header) => {
      acceptsGzip(header)
      matchesEtag(header, 'W/"a"')
      parseRange(header, 10)
    }),
  )
})
