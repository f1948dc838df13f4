import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { notRanges, notVersions, orderedVersions, ranges, refusedIds, versionKeys } from './conformance.ts'
import { nugetNames, packageFile, parsePackage } from './names.ts'
import { hasSemVer2Bound, normalizeRange } from './ranges.ts'
import { compareVersions, isSemVer2, keyOfVersion } from './versions.ts'

test('a version has one key, however it is written', () => {
  for (const [text, key] of Object.entries(versionKeys)) assert.equal(keyOfVersion(text), key, text)
  for (const key of Object.values(versionKeys)) assert.equal(keyOfVersion(key), key)
})

test('what NuGet cannot read is refused', () => {
  for (const text of notVersions) {
    assert.equal(keyOfVersion(text), undefined, text)
    assert.throws(() => nugetNames.parseVersion(text), { kind: 'invalid', message: /must be a NuGet version/ })
  }
})

test('versions stand in the order of NuGet', () => {
  for (let i = 1; i < orderedVersions.length; i++) {
    const [low = '', high = ''] = orderedVersions.slice(i - 1, i + 1)
    assert.ok(compareVersions(low, high) < 0, `${low} < ${high}`)
    assert.ok(compareVersions(high, low) > 0, `${high} > ${low}`)
  }
  assert.equal(compareVersions('1.0', '1.0.0.0+meta'), 0)
  assert.equal(compareVersions('1.0.0-BETA', '1.0.0-beta'), 0)
})

test('whatever is compared, the order is an order', () => {
  const version = fc.oneof(fc.constantFrom(...orderedVersions, ...notVersions), fc.string())
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      assert.equal(Math.sign(compareVersions(a, b)), -Math.sign(compareVersions(b, a)) || 0)
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) assert.ok(compareVersions(a, c) <= 0)
    }),
  )
})

test('a key is its own key, and has nothing that cannot stand in an address', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123.-+aB ') }), (text) => {
      const key = keyOfVersion(text)
      if (key === undefined) return
      assert.match(key, /^\d+\.\d+\.\d+(?:\.\d+)?(?:-[0-9a-z.-]+)?$/)
      assert.equal(keyOfVersion(key), key)
      assert.equal(compareVersions(key, text), 0)
    }),
  )
})

test('ranges are written as indexes have them', () => {
  for (const [text, normal] of Object.entries(ranges)) {
    assert.equal(normalizeRange(text), normal, text)
    if (!text.startsWith('(1')) assert.equal(normalizeRange(normal), normal)
  }
  for (const text of notRanges) assert.equal(normalizeRange(text), undefined, text)
  fc.assert(fc.property(fc.string(), (text) => void normalizeRange(text)))
})

test('a dotted prerelease, or metadata, makes a version one of SemVer 2', () => {
  assert.deepEqual(['1.0.0-a.1', '1.0.0+m', '1.0.0-a', '1.0.0.1'].map(isSemVer2), [true, true, false, false])
  assert.deepEqual(['[1.0.0-a.1, )', '1.0', '(,2.0.0+m]'].map(hasSemVer2Bound), [true, false, true])
})

test('an id is found in any case', () => {
  const name = parsePackage('Newtonsoft.Json')
  assert.deepEqual(name, { format: 'nuget', namespace: '', name: 'newtonsoft.json' })
  assert.equal(packageFile(name, '12.0.3'), 'newtonsoft.json.12.0.3.nupkg')
  for (const id of ['A', 'a_b', '_a', 'a-b.c', 'x'.repeat(100)]) assert.equal(parsePackage(id).name, id.toLowerCase())
  for (const id of refusedIds) assert.throws(() => parsePackage(id), { kind: 'invalid', message: /^package id/ })
})
