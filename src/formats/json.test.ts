import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countOf, isObject, listOf, objectOf, textFields, textOf, textsOf, without } from './json.ts'

const odd = [undefined, null, true, 0, -1, 1.5, '', 'text', [], ['a', 1, ''], {}, { a: 'b', c: 1 }]

test('a value is read as what it is, and as nothing where it is something else', () => {
  assert.deepEqual(odd.filter(isObject), [{}, { a: 'b', c: 1 }])
  assert.deepEqual(
    odd.map(objectOf).filter((object) => 'a' in object),
    [{ a: 'b', c: 1 }],
  )
  assert.deepEqual(odd.flatMap(listOf), ['a', 1, ''])
  assert.deepEqual(odd.flatMap(textsOf), ['a', ''])
  assert.deepEqual(odd.flatMap(textFields), [['a', 'b']])
  assert.deepEqual(
    odd.map(textOf).filter((text) => text !== undefined),
    ['text'],
  )
  assert.deepEqual(
    odd.map(countOf).filter((count) => count !== undefined),
    [0],
  )
})

test('an object without some of its fields is another object', () => {
  const whole = { a: 1, b: 2 }
  assert.deepEqual(without(whole, new Set(['a', 'x'])), { b: 2 })
  assert.deepEqual(whole, { a: 1, b: 2 })
})
