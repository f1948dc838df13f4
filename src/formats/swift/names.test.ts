import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RegistryError } from '../../registry/errors.ts'
import { badNames, badScopes, goodNames, goodScopes, sameSources } from './conformance.ts'
import { identifierRules, identifiersOf, sourcesKey } from './identifiers.ts'
import { packageOf, parseNewVersion, swiftNames } from './names.ts'

test('a scope and a name are what the protocol allows, in any case', () => {
  for (const scope of goodScopes) assert.equal(packageOf(scope, 'x').namespace, scope.toLowerCase())
  for (const name of goodNames) assert.equal(packageOf('x', name).name, name.toLowerCase())
  for (const scope of badScopes) assert.throws(() => packageOf(scope, 'x'), { kind: 'invalid' }, scope)
  for (const name of badNames) assert.throws(() => packageOf('x', name), { kind: 'invalid' }, name)
})

test('an identity is a scope and a name', () => {
  const name = { format: 'swift', namespace: 'mona', name: 'linkedlist' }
  assert.deepEqual(swiftNames.parsePackage('Mona.LinkedList'), name)
  assert.deepEqual(swiftNames.fromInput('MONA', 'linkedLIST'), name)
  assert.equal(swiftNames.show(swiftNames.parsePackage('Mona.LinkedList')), 'mona.linkedlist')
  for (const text of ['mona', '.x', 'x.', 'a.b.c', '']) {
    assert.throws(() => swiftNames.parsePackage(text), { kind: 'invalid' }, text)
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        swiftNames.parsePackage(text)
      } catch (error) {
        assert.ok(error instanceof RegistryError && error.kind === 'invalid', String(error))
      }
    }),
  )
})

test('a version is semantic, and none that an address could be taken for another document by', () => {
  for (const version of ['1.0.0', '1.0.0-rc.1+7', '0.0.0-zip']) assert.equal(parseNewVersion(version), version)
  for (const text of ['1.0', 'v1.0.0', '01.0.0', '', '1.0.0-a.zip', '1.0.0+b.json']) {
    assert.throws(() => parseNewVersion(text), { kind: 'invalid' }, text)
  }
})

test('addresses of the same sources are one, and others are not', () => {
  assert.equal(new Set(sameSources.map(sourcesKey)).size, 1)
  for (const other of ['https://github.example/mona/Linked', 'https://other.example/mona/LinkedList']) {
    assert.notEqual(sourcesKey(other), sourcesKey(sameSources[0] ?? ''))
  }
  fc.assert(fc.property(fc.string(), (text) => assert.equal(typeof sourcesKey(text), 'string')))
  const started = performance.now()
  for (const hostile of ['/'.repeat(100_000), '@'.repeat(100_000), ':'.repeat(100_000)]) sourcesKey(hostile)
  assert.ok(performance.now() - started < 1000)
})

test('packages are found by their sources as the catalogue tells them, which only grows', () => {
  const name = swiftNames.parsePackage('mona.one')
  const line = (items: readonly string[]) =>
    identifierRules.renderChange(name, { items: [], digest: '' }, { items, digest: '' })
  const text = {}
  const lines = [
    line(['["Mona.One","git.example/a","git.example/b"]']),
    line(['["Mona.One","git.example/b"]']),
    line([]),
  ]
  const found = lines.map((_, index) => {
    const identifiers = identifiersOf({ text, body: Buffer.from(lines.slice(0, index + 1).join('')) } as never)
    return [identifiers.get('git.example/a'), identifiers.get('git.example/b')]
  })
  assert.deepEqual(found, [
    [['Mona.One'], ['Mona.One']],
    [[], ['Mona.One']],
    [[], []],
  ])
})
