import assert from 'node:assert/strict'
import { test } from 'node:test'
import { indexPlaces, refusedNames } from './conformance.ts'
import { canonicalName, cargoNames, indexPath, parseNewPackage, parsePackage } from './names.ts'

test('a crate has one place in the index', () => {
  for (const [name, place] of Object.entries(indexPlaces)) assert.equal(indexPath(parsePackage(name)), place)
})

test('a name is found in any case, and is another one with another sign', () => {
  assert.deepEqual(parsePackage('Foo_Bar'), { format: 'cargo', namespace: '', name: 'foo_bar' })
  assert.deepEqual(cargoNames.fromInput(undefined, 'Foo_Bar'), parsePackage('foo_bar'))
  assert.notDeepEqual(parsePackage('foo-bar'), parsePackage('foo_bar'))
  assert.equal(canonicalName('Foo_Bar'), canonicalName('foo-BAR'))
})

test('a name that no crate may have is refused', () => {
  for (const name of refusedNames) assert.throws(() => parseNewPackage(name), { kind: 'invalid' }, name)
  for (const name of ['a', 'serde_json', 'X-1', 'nullable'])
    assert.equal(parseNewPackage(name).name, name.toLowerCase())
})

test('a version is taken as it is, build metadata included', () => {
  assert.equal(cargoNames.parseVersion('1.0.0+build.5'), '1.0.0+build.5')
  assert.throws(() => cargoNames.parseVersion('1.0'), { kind: 'invalid', message: /semantic version/ })
})
