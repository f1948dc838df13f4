import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseEventPattern } from './event-pattern.ts'
import { EventPatternError } from './event-pattern-error.ts'

const event = {
  source: 'aws.codeartifact',
  resources: ['arn:aws:codeartifact:us-east-1:1:package/a/b/npm//lib'],
  detail: {
    packageName: 'Lib-core',
    packageNamespace: null,
    sequenceNumber: 300,
    from: '10.0.0.7',
    changes: { assetsAdded: 1, statusChanged: true },
    tags: [],
    parts: [
      { name: 'a', size: 1 },
      { name: 'b', size: 2 },
    ],
  },
}

/** Of `detail`, whether the event above is meant. */
const cases: readonly (readonly [name: string, detail: object, isMeant: boolean])[] = [
  ['a value', { packageName: ['other', 'Lib-core'] }, true],
  ['a value of another type', { sequenceNumber: ['300'] }, false],
  ['a number, however it is written', { sequenceNumber: [3e2] }, true],
  ['null', { packageNamespace: [null] }, true],
  ['a boolean', { changes: { statusChanged: [false] } }, false],
  ['every member', { packageName: ['Lib-core'], sequenceNumber: [1] }, false],
  ['prefix', { packageName: [{ prefix: 'Lib' }] }, true],
  ['prefix in any case', { packageName: [{ prefix: { 'equals-ignore-case': 'LIB' } }] }, true],
  ['suffix', { packageName: [{ suffix: 'lib' }] }, false],
  ['suffix in any case', { packageName: [{ suffix: { 'equals-ignore-case': 'CORE' } }] }, true],
  ['equals-ignore-case', { packageName: [{ 'equals-ignore-case': 'LIB-CORE' }] }, true],
  ['wildcard', { packageName: [{ wildcard: 'L*-*e' }] }, true],
  ['wildcard whose ends overlap', { packageName: [{ wildcard: 'Lib-core*core' }] }, false],
  ['wildcard with an escaped asterisk', { packageName: [{ wildcard: 'Lib\\*' }] }, false],
  ['anything-but a value', { packageName: [{ 'anything-but': 'Lib-core' }] }, false],
  ['anything-but a list', { sequenceNumber: [{ 'anything-but': [1, 2] }] }, true],
  ['anything-but a prefix', { packageName: [{ 'anything-but': { prefix: ['x', 'Li'] } }] }, false],
  ['anything-but a wildcard', { packageName: [{ 'anything-but': { wildcard: '*z*' } }] }, true],
  ['anything-but ignoring case', { packageName: [{ 'anything-but': { 'equals-ignore-case': 'lib-CORE' } }] }, false],
  ['anything-but what is absent', { absent: [{ 'anything-but': 'x' }] }, false],
  ['numeric', { sequenceNumber: [{ numeric: ['>', 0, '<=', 300] }] }, true],
  ['numeric of text', { packageName: [{ numeric: ['=', 0] }] }, false],
  ['exists', { packageName: [{ exists: true }] }, true],
  ['exists of null', { packageNamespace: [{ exists: true }] }, true],
  ['exists of an object, which is no value', { changes: [{ exists: true }] }, false],
  ['does not exist', { absent: [{ exists: false }] }, true],
  ['does not exist below what is absent', { absent: { deeper: [{ exists: false }] } }, true],
  ['an empty list does not exist', { tags: [{ exists: false }] }, true],
  ['cidr', { from: [{ cidr: '10.0.0.0/24' }] }, true],
  ['cidr of another family', { from: [{ cidr: '::/0' }] }, false],
  ['$or', { $or: [{ packageName: ['x'] }, { sequenceNumber: [300] }] }, true],
  ['$or of nothing that is so', { $or: [{ packageName: ['x'] }, { sequenceNumber: [1] }] }, false],
  ['objects in a list match one by one', { parts: { name: ['a'], size: [2] } }, false],
  ['an object in a list', { parts: { name: ['b'], size: [2] } }, true],
]

for (const [name, detail, isMeant] of cases) {
  test(`${name}: ${JSON.stringify(detail)} ${isMeant ? 'matches' : 'does not match'}`, () => {
    assert.equal(parseEventPattern(JSON.stringify({ detail }))(event), isMeant)
  })
}

test('a list in the event matches by any of its elements', () => {
  assert.ok(parseEventPattern('{"resources":[{"suffix":"/lib"}]}')(event))
})

const mistakes: readonly (readonly [pattern: string, message: RegExp])[] = [
  ['{', /no JSON/],
  ['[]', /it must be an object/],
  ['{}', /must not be empty/],
  ['{"source":"x"}', /at source: must be an object or a list/],
  ['{"source":[]}', /at source: .*empty/],
  ['{"detail":{"a":[{"numric":[1]}]}}', /at detail\.a\[0\]\.numric: 'numric' is no match type/],
  ['{"a":[{"numeric":[">","5"]}]}', /at a\[0\]\.numeric\[1\]: must be a number/],
  ['{"a":[{"numeric":["<",5,">",1]}]}', /at a\[0\]\.numeric: a range begins/],
  ['{"a":[{"prefix":1}]}', /at a\[0\]\.prefix/],
  ['{"a":[{"exists":"yes"}]}', /at a\[0\]\.exists: must be true or false/],
  ['{"a":[{"cidr":"10.0.0.0/99"}]}', /at a\[0\]\.cidr: '10\.0\.0\.0\/99' is no range/],
  ['{"a":[{"wildcard":"a**b"}]}', /at a\[0\]\.wildcard: two asterisks/],
  ['{"a":[{"wildcard":"a\\\\x"}]}', /backslash/],
  ['{"a":[{"prefix":"x","suffix":"y"}]}', /at a\[0\]: must be an object with one member/],
  ['{"$or":[{"a":[1]},{"b":1}]}', /at \$or\[1\]\.b/],
  [`{"a":["${'x'.repeat(4100)}"]}`, /4096 are allowed/],
  ['{"a":'.repeat(200) + '[1]' + '}'.repeat(200), /one inside the other/],
]

for (const [pattern, message] of mistakes) {
  test(`${pattern.slice(0, 60)} is refused`, () => {
    assert.throws(
      () => parseEventPattern(pattern),
      (error) => error instanceof EventPatternError && message.test(error.message),
    )
  })
}

test('a wildcard agrees with a regular expression on any text', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 })
  const texts = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 })
  fc.assert(
    fc.property(letters, texts, (given, text) => {
      const wildcard = given.replaceAll(/\*+/g, '*')
      const expected = new RegExp(`^${wildcard.replaceAll('*', '.*')}$`).test(text)
      const pattern = parseEventPattern(JSON.stringify({ a: [{ wildcard }] }))
      return pattern({ a: text }) === expected
    }),
  )
})

test('time grows with the length of pattern and event, however unkind they are', () => {
  const wildcard = `*${'a*'.repeat(1000)}${'a'.repeat(1500)}b`
  const matches = parseEventPattern(JSON.stringify({ a: [{ wildcard }] }))
  const startedAt = performance.now()
  assert.equal(matches({ a: 'a'.repeat(1_000_000) }), false)
  assert.ok(performance.now() - startedAt < 5000)
})
