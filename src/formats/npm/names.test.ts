import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  checkNewName,
  encodePackage,
  npmNames,
  packagePath,
  parseNewVersion,
  parsePackage,
  parseTag,
  showPackage,
  tarballFile,
  versionOfFile,
} from './names.ts'

const invalid = { name: 'RegistryError', kind: 'invalid' }

test('a name is read with or without its scope, and shown as it was', () => {
  assert.deepEqual(parsePackage('@acme/widgets'), { format: 'npm', namespace: 'acme', name: 'widgets' })
  assert.deepEqual(parsePackage('JSONStream'), { format: 'npm', namespace: '', name: 'JSONStream' })
  for (const text of ['@acme/widgets', 'lodash.merge', 'JSONStream', "old'name", '@acme/_private', 'ünï', 'node-']) {
    assert.equal(showPackage(parsePackage(text)), text)
  }
})

test('what is no name at all is refused', () => {
  const wrong = ['', '@', '@/x', '@acme', '@acme/', 'a/b', '@a/b/c', '.', '..', '@acme/..', '.npmrc', '-', 'a b', 'a#b']
  for (const text of [...wrong, 'a\0b', 'a\\b', 'x'.repeat(256), '@a/@b']) {
    assert.throws(() => parsePackage(text), invalid, JSON.stringify(text))
  }
})

test('every name that can be read survives both ways of writing it into an address', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.option(fc.string()), (bare, scope) => {
      const name = tryParse(scope === null ? bare : `@${scope}/${bare}`)
      fc.pre(name !== undefined)
      const shown = showPackage(name)
      assert.equal(decodeURIComponent(encodePackage(name)), shown)
      assert.equal(packagePath(name).split('/').map(decodeURIComponent).join('/'), shown)
      assert.doesNotMatch(encodePackage(name), /[/?#]/)
      assert.equal(new URL(packagePath(name), 'http://x/a/').pathname.startsWith('/a/'), true)
    }),
  )
})

function tryParse(text: string) {
  try {
    return parsePackage(text)
  } catch {
    return undefined
  }
}

test('a new name may have capitals, as the service tells them apart, but no odd characters', () => {
  for (const text of ['widgets', 'AsyncStorage', '@acme/_x', 'a.b-c_d', '@a~b/c']) checkNewName(parsePackage(text))
  for (const text of [
    'node_modules',
    'Favicon.ico',
    '_x',
    '-x',
    'a~b',
    'a!b',
    "a'b",
    '(x)',
    'ünï',
    '@ü/x',
    `@acme/${'x'.repeat(210)}`,
  ]) {
    assert.throws(() => checkNewName(parsePackage(text)), invalid, text)
  }
})

test('the operations of the service write a scope without its @', () => {
  assert.deepEqual(npmNames.fromInput('acme', 'widgets'), parsePackage('@acme/widgets'))
  assert.deepEqual(npmNames.fromInput(undefined, 'widgets'), parsePackage('widgets'))
  assert.deepEqual(npmNames.fromInput('', 'widgets'), parsePackage('widgets'))
  assert.throws(() => npmNames.fromInput('@acme', 'widgets'), /namespace '@acme' must be an npm scope without its '@'/)
})

test('only a semantic version without build metadata can be published', () => {
  for (const text of ['1.0.0', '0.0.0-0', '1.2.3-beta.1.x-y']) assert.equal(parseNewVersion(text), text)
  for (const text of ['1', '1.0', 'v1.0.0', '=1.0.0', '1.0.0+build', '01.0.0', '1.0.0-01', 'latest', '', ' 1.0.0']) {
    assert.throws(() => parseNewVersion(text), invalid, text)
  }
})

test('a tag is no range of versions', () => {
  for (const text of ['latest', 'next', 'beta-1', 'release/1'.replace('/', '-'), 'ünï'])
    assert.equal(parseTag(text), text)
  for (const text of ['1.0.0', '1.x', '^1', '*', '', 'a b', 'a/b', '>=2', 'x'.repeat(129)]) {
    assert.throws(() => parseTag(text), invalid, text)
  }
})

test('a tarball is named after its package without the scope', () => {
  const scoped = parsePackage('@acme/widgets')
  assert.equal(tarballFile(scoped, '1.0.0-rc.1'), 'widgets-1.0.0-rc.1.tgz')
  assert.equal(versionOfFile(scoped, 'widgets-1.0.0-rc.1.tgz'), '1.0.0-rc.1')
  assert.equal(versionOfFile(scoped, '@acme/widgets-1.0.0.tgz'), '1.0.0')
  for (const file of ['other-1.0.0.tgz', 'widgets-1.0.0.zip', 'widgets-.tgz', '@other/widgets-1.0.0.tgz']) {
    assert.equal(versionOfFile(scoped, file), undefined, file)
  }
})
