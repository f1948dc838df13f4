import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RegistryError } from '../../registry/errors.ts'
import { assetNames, refusedAssetNames } from './conformance.ts'
import { genericNames, parseAsset } from './names.ts'

for (const name of assetNames) {
  test(`an asset may be called '${name.slice(0, 30)}'`, () => assert.equal(parseAsset(name), name))
}

for (const name of refusedAssetNames) {
  test(`no asset may be called ${JSON.stringify(name.slice(0, 30))}`, () => {
    assert.throws(
      () => parseAsset(name),
      (error) => error instanceof RegistryError && error.details.reason === 'FIELD_VALIDATION_FAILED',
    )
  })
}

test('a decomposed name is the composed one', () => {
  assert.equal(parseAsset('ünï.bin'.normalize('NFD')), 'ünï.bin')
})

test('whatever text comes, a name that is taken stays as it is when it is read again', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...assetNames, ...refusedAssetNames))
  fc.assert(
    fc.property(text, (given) => {
      const parsed = tryParse(given)
      if (parsed === undefined) return
      assert.equal(parseAsset(parsed), parsed)
      assert.doesNotMatch(parsed, /[\p{C}/\\%#?]|^\s|\s$|\s\s/u)
    }),
  )
})

function tryParse(text: string): string | undefined {
  try {
    return parseAsset(text)
  } catch (error) {
    assert.ok(error instanceof RegistryError)
    return undefined
  }
}

test('a package is a namespace and a name, compared as they are', () => {
  const name = genericNames.parsePackage('My-Team/Tool')
  assert.deepEqual(name, { format: 'generic', namespace: 'My-Team', name: 'Tool' })
  assert.equal(genericNames.show(name), 'My-Team/Tool')
  assert.deepEqual(genericNames.fromInput('My-Team', 'Tool'), name)
  for (const wrong of ['tool', 'a/b/c', '/b', 'a/', 'a /b', '#/b']) {
    assert.throws(() => genericNames.parsePackage(wrong), RegistryError)
  }
})
