import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clean } from '@renovatebot/pep440'
import fc from 'fast-check'
import { canonicalVersion, compareVersions, isSameVersion } from './versions.ts'

/** In ascending order. Source: PEP 440, "Summary of permitted suffixes and relative ordering". */
const chain = (
  '1.dev0 < 1.0.dev456 < 1.0a1 < 1.0a2.dev456 < 1.0a12.dev456 < 1.0a12 < 1.0b1.dev456 < 1.0b2 < 1.0b2.post345.dev456 < ' +
  '1.0b2.post345 < 1.0rc1.dev456 < 1.0rc1 < 1.0 < 1.0+abc.5 < 1.0+abc.7 < 1.0+5 < 1.0.post456.dev34 < 1.0.post456 < ' +
  '1.0.15 < 1.1.dev1 < 1!0.1'
).split(' < ')

test('a version has one normal spelling', () => {
  const spellings = {
    'v1.0': '1.0',
    '1.0-beta_2': '1.0b2',
    '1.0.preview3': '1.0rc3',
    '1.0-1': '1.0.post1',
    '1.0.r4': '1.0.post4',
    '1.0-DEV': '1.0.dev0',
    '01.02.0': '1.2.0',
    '1.0+Ubuntu-1_x': '1.0+ubuntu.1.x',
    ' 1.0 ': '1.0',
    '0!1': '1',
    '1!2.0c': '1!2.0rc0',
    '1.0.0': '1.0.0',
    '20230515123456789012345': '20230515123456789012345',
  }
  for (const [text, normal] of Object.entries(spellings)) assert.equal(canonicalVersion(text), normal, text)
})

test('what is no version has none', () => {
  for (const text of ['', 'latest', '1.0 beta', '1..0', '1.0+', '1.0+_', 'v', '1.0-x', '1.0.x', '1'.repeat(256)]) {
    assert.equal(canonicalVersion(text), undefined, text)
  }
})

test('every pair of the chain is in order', () => {
  chain.forEach((left, i) => {
    chain.forEach((right, j) =>
      assert.equal(Math.sign(compareVersions(left, right)), Math.sign(i - j), `${left} ${right}`),
    )
  })
})

test('what is no version sorts below all that are, whatever it is', () => {
  assert.deepEqual(['1.0', 'banana', '0.dev0', '2004d-x'].sort(compareVersions), ['2004d-x', 'banana', '0.dev0', '1.0'])
})

test('zeros at the end of a release mean nothing', () => {
  for (const [left, right] of [
    ['1', '1.0.0'],
    ['v1.0', '1'],
    ['1.0.0rc1', '1rc1'],
    ['1!2.0', '1!2'],
    ['1.0+local', '1+local'],
    ['1.0.post1', '1.0.0-1'],
  ] as const) {
    assert.ok(isSameVersion(left, right), `${left} ${right}`)
  }
  for (const [left, right] of [
    ['1.0', '1.0.1'],
    ['1.0', '10'],
    ['10', '1'],
    ['1.0rc1', '1.0'],
    ['1.0+a', '1.0'],
    ['x', 'y'],
  ] as const) {
    assert.ok(!isSameVersion(left, right), `${left} ${right}`)
  }
  assert.ok(isSameVersion('odd-one', 'odd-one'))
})

const digits = fc.nat({ max: 99 }).map(String)
const part = (letters: string[]) =>
  fc.option(
    fc
      .tuple(fc.constantFrom('', '.', '-', '_'), fc.constantFrom(...letters), fc.constantFrom('', digits))
      .chain(([separator, letter, number]) =>
        number === '' ? fc.constant(separator + letter) : digits.map((n) => separator + letter + n),
      ),
    { nil: '' },
  )
const versions = fc
  .tuple(
    fc.constantFrom('', 'v', '1!', '0!'),
    fc.array(digits, { minLength: 1, maxLength: 4 }),
    part(['a', 'beta', 'RC', 'preview']),
    part(['post', 'rev', 'r']),
    part(['dev', 'DEV']),
  )
  .map(([epoch, release, ...rest]) => epoch + release.join('.') + rest.join(''))

test('the normal spelling is what another implementation says it is', () => {
  fc.assert(fc.property(versions, (version) => assert.equal(canonicalVersion(version), clean(version))))
})

test('the order is one, whatever is compared', () => {
  const anything = fc.oneof(versions, fc.string(), fc.constantFrom(...chain))
  fc.assert(
    fc.property(anything, anything, anything, (a, b, c) => {
      assert.equal(Math.sign(compareVersions(a, b)), -Math.sign(compareVersions(b, a)) || 0)
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) assert.ok(compareVersions(a, c) <= 0)
    }),
  )
})
