import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { notRequirements, notVersions, orderedVersions, requirements } from './conformance.ts'
import { compareSemanticVersions, isSemanticVersion } from '../semantic-version.ts'
import { isRequirement, releaseOf } from './versions.ts'

test('versions are ordered as Cargo orders them', () => {
  const shuffled = orderedVersions.toSorted().toReversed()
  assert.deepEqual(shuffled.sort(compareSemanticVersions), orderedVersions)
})

test('what is no version comes before all that are, and upsets nobody', () => {
  assert.deepEqual(['1.0.0', 'b', '0.1.0', 'a'].sort(compareSemanticVersions), ['a', 'b', '0.1.0', '1.0.0'])
})

test('a version is semantic, whole, and not too long', () => {
  for (const version of orderedVersions) assert.ok(isSemanticVersion(version), version)
  for (const text of notVersions) assert.ok(!isSemanticVersion(text), text)
  assert.ok(!isSemanticVersion(`1.0.0-${'a'.repeat(145)}`))
})

test('a requirement is what a manifest may say', () => {
  for (const text of requirements) assert.ok(isRequirement(text), text)
  for (const text of notRequirements) assert.ok(!isRequirement(text), text)
})

test('build metadata makes no other release', () => {
  assert.equal(releaseOf('1.0.0-rc.1+build.5'), '1.0.0-rc.1')
  assert.equal(releaseOf('1.0.0'), '1.0.0')
})

test('any two texts are ordered one way, and long ones are read in no time', () => {
  const text = fc.oneof(fc.string(), fc.constantFrom(...orderedVersions, ...notVersions))
  fc.assert(
    fc.property(text, text, (left, right) => {
      assert.equal(
        Math.sign(compareSemanticVersions(left, right)),
        -Math.sign(compareSemanticVersions(right, left)) + 0,
      )
    }),
  )
  for (const hostile of ['1'.repeat(100_000), `1.0.0-${'a-'.repeat(50_000)}!`, `${'1.'.repeat(50_000)}`]) {
    assert.ok(!isSemanticVersion(hostile))
    assert.ok(!isRequirement(hostile))
  }
})
