import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseQueryForm, QueryFormError } from './query-form.ts'

/** Without the null prototypes, which deepEqual would tell apart. */
function parse(text: string): unknown {
  return JSON.parse(JSON.stringify(parseQueryForm(text)))
}

test('Scalars are decoded by the rules of forms', () => {
  assert.deepEqual(parse('Action=ListUsers&PathPrefix=%2Fa+b%2B%2F&Empty=&Flag&'), {
    Action: 'ListUsers',
    PathPrefix: '/a b+/',
    Empty: '',
    Flag: '',
  })
  assert.deepEqual(parse(''), {})
})

test('Lists come in the order of their numbers, gaps and all', () => {
  assert.deepEqual(parse('Keys.member.10=c&Keys.member.9=b&Keys.member.1=a'), { Keys: ['a', 'b', 'c'] })
  assert.deepEqual(parse('Tags.member.2.Key=k&Tags.member.1.Key=j&Tags.member.1.Value=v'), {
    Tags: [{ Key: 'j', Value: 'v' }, { Key: 'k' }],
  })
  assert.deepEqual(parse('A.B=1&A.member.1=2&C.member.x=3'), {
    A: { B: '1', member: { 1: '2' } },
    C: { member: { x: '3' } },
  })
})

test('Names that mean something to JavaScript are names like any other', () => {
  const parameters = parseQueryForm('__proto__.polluted=1&constructor=2&a.__proto__.b=3')
  assert.equal(Object.getPrototypeOf(parameters), null)
  assert.deepEqual(Object.keys(parameters), ['__proto__', 'constructor', 'a'])
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
  assert.equal(parseQueryForm('Action=x')['toString'], undefined)
})

test('Parameters that contradict each other, nest too deeply or are no UTF-8 are refused', () => {
  const texts = [
    'A=1&A=1',
    'A=1&A.B=2',
    'A.B=2&A=1',
    'A.member.1=a&A.member.1=b',
    `${'a.'.repeat(9)}b=1`,
    'A=%FF',
    'A=%',
  ]
  for (const text of texts) assert.throws(() => parseQueryForm(text), QueryFormError, text)
})

test('Any text is either read or refused, never a crash', () => {
  const piece = fc.string({ unit: fc.constantFrom('A', '.', 'member', '1', '2', '=', '&', '%', '+', '4', '_') })
  fc.assert(
    fc.property(piece, (text) => {
      try {
        parseQueryForm(text)
      } catch (error) {
        assert.ok(error instanceof QueryFormError)
      }
    }),
    { numRuns: 500 },
  )
})
