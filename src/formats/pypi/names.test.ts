import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RegistryError } from '../../registry/errors.ts'
import { isSafeFilename, isWheelName, parseFilename } from './filenames.ts'
import { parsePackage, pypiNames } from './names.ts'

test('a name is known by its normal form, in every spelling', () => {
  for (const text of ['Pigeon_CLI', 'pigeon.cli', 'PIGEON--_cli', 'pigeon-cli']) {
    assert.deepEqual(parsePackage(text), { format: 'pypi', namespace: '', name: 'pigeon-cli' })
  }
  assert.equal(pypiNames.show(pypiNames.fromInput(undefined, 'Pigeon_CLI')), 'pigeon-cli')
})

test('what is no name is refused in words', () => {
  for (const text of ['', '-x', 'x-', 'a b', 'a/b', '../x', 'ü', 'a\n', 'x'.repeat(256)]) {
    assert.throws(() => parsePackage(text), /must be letters, digits/, text)
  }
  assert.throws(() => pypiNames.fromInput('scope', 'x'), /namespace 'scope' must be left out for pypi/)
  assert.throws(() => pypiNames.parseVersion('1.0/2'), /version '1\.0\/2' must be/)
  assert.equal(pypiNames.parseVersion('2004d-odd'), '2004d-odd')
})

test('a file name says what kind it is and which version it is of', () => {
  const read = (filename: string, project: string, versions?: string[]) => {
    const found = parseFilename(filename, project, versions)
    return found && `${found.kind} ${found.version}`
  }
  assert.equal(read('pigeon_cli-1.0-py3-none-any.whl', 'pigeon-cli'), 'wheel 1.0')
  assert.equal(
    read('Pigeon.CLI-1.0-3-cp312-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl', 'pigeon-cli'),
    'wheel 1.0',
  )
  assert.equal(read('pigeon_cli-1.0+local.1-py3-none-any.whl', 'pigeon-cli'), 'wheel 1.0+local.1')
  assert.equal(read('pigeon_cli-1.0_1-py3-none-any.whl', 'pigeon-cli'), 'wheel 1.0-1')
  assert.equal(read('pigeon_cli-1.0-1-py3-none-any-variant.whl', 'pigeon-cli'), 'wheel 1.0')
  assert.equal(read('pigeon-cli-1.0.tar.gz', 'pigeon-cli'), 'sdist 1.0')
  assert.equal(read('pigeon_cli-1.0-1.zip', 'pigeon-cli'), 'sdist 1.0-1')
  assert.equal(read('foo-2-1.0.tar.gz', 'foo-2'), 'sdist 1.0')
  assert.equal(read('foo-1.0.tar.bz2', 'foo'), 'sdist 1.0')
  assert.equal(read('foo-1.0-py2.7.egg', 'foo'), 'other 1.0')
  assert.equal(read('foo-1.0.linux-x86_64.tar.gz', 'foo', ['1', '1.0', '2.0']), 'other 1.0')
  assert.equal(read('foo-2004b-odd.tar.gz', 'foo', ['2004b-odd']), 'other 2004b-odd')
  assert.equal(read('foo-1.0.exe', 'foo'), 'other 1.0')
  assert.equal(read('bar-1.0.tar.gz', 'foo'), undefined)
  assert.equal(read('bar-1.0-py3-none-any.whl', 'foo'), undefined)
  assert.equal(read('foo-1.0.txt', 'foo'), undefined)
  assert.equal(read('foo.tar.gz', 'foo'), undefined)
})

test('file names that could leave a folder, or be two lines, are none', () => {
  for (const name of ['', '.', '..', 'a/b', 'a\\b', 'a\0', 'a\nb', 'x'.repeat(256)])
    assert.ok(!isSafeFilename(name), name)
  assert.ok(isSafeFilename('foo-1.0+x.whl'))
  assert.ok(isWheelName('foo-1.0-2build-py3-none-any.whl'))
  assert.ok(!isWheelName('foo-1.0-build-py3-none-any.whl'))
  assert.ok(!isWheelName('foo-1.0-py3-none.whl'))
})

test('whatever the text, a name is read, or refused as a name', () => {
  const seeds = fc.constantFrom(
    'foo-1.0-py3-none-any.whl',
    'foo-.tar.gz',
    '-.whl',
    'foo-1.0-1-2-3-4-5-6.whl',
    'foo-%2e%2e.zip',
  )
  fc.assert(
    fc.property(fc.oneof(fc.string(), seeds), fc.array(fc.string()), (text, versions) => {
      const found = parseFilename(text, 'foo', versions)
      assert.ok(found === undefined || found.version.length > 0)
      try {
        assert.match(parsePackage(text).name, /^[a-z0-9]+(-[a-z0-9]+)*$/)
      } catch (error) {
        assert.ok(error instanceof RegistryError && error.kind === 'invalid')
      }
    }),
  )
})
