import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import semver from 'semver'
import { compareVersions, isPrerelease } from './versions.ts'

const number = fc.oneof(fc.nat(12), fc.nat())
const identifier = fc.oneof(number.map(String), fc.stringMatching(/^[0-9A-Za-z-]{0,4}[A-Za-z-][0-9A-Za-z-]{0,4}$/))
const version = fc
  .tuple(number, number, number, fc.array(identifier, { maxLength: 3 }))
  .map(([major, minor, patch, pre]) => `${major}.${minor}.${patch}${pre.length > 0 ? `-${pre.join('.')}` : ''}`)

test('semantic versions are ordered as semver orders them', () => {
  fc.assert(
    fc.property(version, version, (left, right) => {
      assert.equal(Math.sign(compareVersions(left, right)), semver.compare(left, right))
      assert.equal(isPrerelease(left), semver.prerelease(left) !== null)
    }),
  )
})

test('any texts have one total order', () => {
  const text = fc.oneof(
    version,
    fc.string(),
    fc.constantFrom('1.0', 'v1.0.0', '1.0.0beta', '1.2.3.4', '01.0.0', '1.0.0+b'),
  )
  fc.assert(
    fc.property(text, text, text, (a, b, c) => {
      assert.equal(Math.sign(compareVersions(a, b)), -Math.sign(compareVersions(b, a)) || 0)
      assert.equal(compareVersions(a, b) === 0, a === b)
      if (compareVersions(a, b) < 0 && compareVersions(b, c) < 0) assert.ok(compareVersions(a, c) < 0)
    }),
  )
})

test('loose versions stand where a reader expects them, and numbers may be of any size', () => {
  const shuffled = ['2.0.0', '1.0.0beta', '1.0.0', 'v1.5.0', 'nonsense', '1.99999999999999999999.0', '1.0.0-rc.1']
  assert.deepEqual(shuffled.sort(compareVersions), [
    'nonsense',
    '1.0.0beta',
    '1.0.0-rc.1',
    '1.0.0',
    'v1.5.0',
    '1.99999999999999999999.0',
    '2.0.0',
  ])
})
