import assert from 'node:assert/strict'
import { test } from 'node:test'
import Type from 'typebox'
import { decode } from './decode.ts'
import * as field from './fields.ts'

const schema = Type.Object({
  domain: field.domainField('domain'),
  description: Type.Optional(field.description),
  tags: Type.Optional(field.tags),
  versions: Type.Optional(field.versions),
  duration: Type.Optional(field.duration),
  unfinished: Type.Optional(field.flagField('unfinished')),
  ...field.pageFields(),
})

function request(query: Record<string, string>, body: Record<string, unknown> = {}) {
  return { query: new Map(Object.entries({ domain: 'acme', ...query })), body }
}

test('fields come from the query or the body as the schema says, and others are left out', () => {
  const given = request(
    { 'max-results': '25', unfinished: 'true', description: 'in the wrong place', 'x-new': '1' },
    { tags: [{ key: 'a', value: '' }], later: true, domain: 'in-the-wrong-place' },
  )
  const expected = { domain: 'acme', maxResults: 25, unfinished: true, tags: [{ key: 'a', value: '' }] }
  assert.deepEqual(decode(schema, given), expected)
})

test('a null member counts as absent', () => {
  assert.deepEqual(decode(schema, request({}, { description: null })), { domain: 'acme' })
})

test('characters are counted, not code units or bytes', () => {
  const wide = '😀'.repeat(1000)
  assert.equal(decode(schema, request({}, { description: wide })).description, wide)
  assert.throws(() => decode(schema, request({}, { description: `${wide}x` })), /must be at most 1000 characters/)
})

const refusals: readonly [string, Record<string, string>, Record<string, unknown>, string][] = [
  ['a name that breaks its pattern', { domain: 'Acme' }, {}, "domain 'Acme' must be 2 to 50 lower-case letters"],
  ['a page size of 0', { 'max-results': '0' }, {}, "max-results '0' must be a whole number from 1 to 1000"],
  ['a page size of 1001', { 'max-results': '1001' }, {}, "max-results '1001' must be"],
  ['a page size that is no number', { 'max-results': 'ten' }, {}, "max-results 'ten' must be"],
  ['a duration below 900 that is not 0', { duration: '600' }, {}, "duration '600' must be 0, or 900 to 43200"],
  ['a boolean that is neither true nor false', { unfinished: 'yes' }, {}, "unfinished 'yes' must be true or false"],
  ['a body member of another type', {}, { description: 7 }, "description '7' must be"],
  ['a line break in a description', {}, { description: 'a\nb' }, 'must be at most 1000 characters'],
  ['a tag without a value', {}, { tags: [{ key: 'a' }] }, 'must be a list of at most 200 tags'],
  ['an empty tag key', {}, { tags: [{ key: '', value: 'v' }] }, "tags/0/key '' must be 1 to 128 characters"],
  ['101 versions', {}, { versions: Array(101).fill('1.0.0') }, 'must be a list of at most 100 versions'],
  ['a version with a slash', {}, { versions: ['1', 'a/b'] }, "versions/1 'a/b' must be 1 to 255 characters"],
]
for (const [what, query, body, message] of refusals) {
  test(`${what} is refused with field, value and rule`, () => {
    assert.throws(
      () => decode(schema, request(query, body)),
      (error: Error & { kind?: string }) => error.kind === 'invalid' && error.message.includes(message),
    )
  })
}

test('a required field that is absent is named as on the wire', () => {
  assert.throws(() => decode(schema, { query: new Map(), body: {} }), /domain is required/)
})

test('a duration of 0, 900 and 43200 is accepted', () => {
  for (const duration of [0, 900, 43_200]) {
    assert.equal(decode(schema, request({ duration: String(duration) })).duration, duration)
  }
})
