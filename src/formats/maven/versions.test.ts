import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { equalVersions, orderedVersions } from './conformance.ts'
import { mavenNames } from './names.ts'
import { compareMavenVersions } from './versions.ts'

for (const [index, versions] of orderedVersions.entries()) {
  test(`versions are ordered as Maven orders them, ${index + 1}`, () => {
    for (const [i, left] of versions.entries()) {
      for (const [j, right] of versions.entries()) {
        assert.equal(compareMavenVersions(left, right), Math.sign(i - j), `${left} and ${right}`)
      }
    }
  })
}

test('versions that Maven takes for the same compare as equal, and still stand in one order', () => {
  for (const versions of equalVersions) {
    for (const left of versions) for (const right of versions) assert.equal(compareMavenVersions(left, right), 0)
    assert.deepEqual(
      versions.toSorted(mavenNames.compareVersions),
      versions.toReversed().sort(mavenNames.compareVersions),
    )
  }
  assert.notEqual(mavenNames.compareVersions('1', '1.0'), 0)
})

const part = fc.constantFrom(
  '1',
  '0',
  '10',
  'alpha',
  'a',
  'rc',
  'SNAPSHOT',
  'x',
  'final',
  'sp',
  'constructor',
  '__proto__',
  '99999999999999999999',
)
const hostile = fc.oneof(
  fc
    .array(fc.tuple(part, fc.constantFrom('', '.', '-', '--', '..')), { maxLength: 8 })
    .map((parts) => parts.flat().join('')),
  fc.string({ maxLength: 255, unit: 'binary' }),
)

test('any texts have an order, the same from both sides and over three', () => {
  const compare = mavenNames.compareVersions
  fc.assert(
    fc.property(hostile, hostile, hostile, (a, b, c) => {
      assert.equal(Math.sign(compare(a, b)), -Math.sign(compare(b, a)) || 0)
      assert.equal(compare(a, b) === 0, a === b || Buffer.from(a).equals(Buffer.from(b)))
      assert.equal(compareMavenVersions(a, a), 0)
      void c
    }),
    { numRuns: 500 },
  )
})

test('plain versions compare as others do', () => {
  const plain = fc.array(fc.nat(30), { minLength: 1, maxLength: 4 }).map((numbers) => numbers.join('.'))
  fc.assert(
    fc.property(plain, plain, (left, right) => {
      // A qualifier that means nothing takes the long way.
      assert.equal(compareMavenVersions(left, right), compareMavenVersions(`${left}-ga`, `${right}-ga`))
    }),
  )
})
