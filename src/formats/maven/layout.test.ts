import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RegistryError } from '../../registry/errors.ts'
import { assetAddress, buildOf, groupFolder, metadataAddress, parsePath, snapshotOf, splitFile } from './layout.ts'
import { mavenNames } from './names.ts'

/** `group:artifact version[ in folder] file[ checksum]`, or what metadata is about. */
function told(path: string): string {
  const parsed = parsePath(path)
  const name = mavenNames.show(parsed.name)
  const folder = parsed.snapshot === undefined ? '' : ` in ${parsed.snapshot}`
  const checksum = parsed.checksum === undefined ? '' : ` ${parsed.checksum}`
  return parsed.kind === 'metadata'
    ? `metadata of ${name}${folder}${checksum}`
    : `${name} ${parsed.version}${folder} ${parsed.file}${checksum}`
}

const paths: Readonly<Record<string, string>> = {
  '/com/acme/tools/widget/1.0/widget-1.0.jar': 'com.acme.tools:widget 1.0 widget-1.0.jar',
  '/a/b/1/b-1.pom.sha1': 'a:b 1 b-1.pom sha1',
  '/a/b/1/b-1.jar.asc.sha512': 'a:b 1 b-1.jar.asc sha512',
  '/a/b/1.0-rc.1/b-1.0-rc.1-linux-x86_64.tar.gz': 'a:b 1.0-rc.1 b-1.0-rc.1-linux-x86_64.tar.gz',
  '/a/b.c_2.13/1.0/b.c_2.13-1.0.module.md5': 'a:b.c_2.13 1.0 b.c_2.13-1.0.module md5',
  '/a/b/1%2B2/b-1%2B2.jar': 'a:b 1+2 b-1+2.jar',
  '/a/b/1.1-SNAPSHOT/b-1.1-SNAPSHOT.jar': 'a:b 1.1-SNAPSHOT in 1.1-SNAPSHOT b-1.1-SNAPSHOT.jar',
  '/a/b/1.1-SNAPSHOT/b-1.1-20261101.120000-12-sources.jar':
    'a:b 1.1-20261101.120000-12 in 1.1-SNAPSHOT b-1.1-20261101.120000-12-sources.jar',
  '/a/b/1.1-20261101.120000-12/b-1.1-20261101.120000-12.jar': 'a:b 1.1-20261101.120000-12 b-1.1-20261101.120000-12.jar',
  '/com/acme/widget/maven-metadata.xml': 'metadata of com.acme:widget',
  '/com/acme/widget/1.1-SNAPSHOT/maven-metadata.xml.sha256': 'metadata of com.acme:widget in 1.1-SNAPSHOT sha256',
  '/junit/maven-metadata.xml': 'metadata of :junit',
  '/my.plugin/my.plugin.gradle.plugin/1/my.plugin.gradle.plugin-1.pom': '',
  '/my/plugin/my.plugin.gradle.plugin/1/my.plugin.gradle.plugin-1.pom':
    'my.plugin:my.plugin.gradle.plugin 1 my.plugin.gradle.plugin-1.pom',
}

for (const [path, expected] of Object.entries(paths)) {
  test(`${path} is ${expected || 'refused'}`, () => {
    if (expected === '') assert.throws(() => parsePath(path), { kind: 'invalid' })
    else assert.equal(told(path), expected)
  })
}

test('what the layout has no place for is refused', () => {
  const odd = [
    '/',
    '//',
    '/a/b/1',
    '/b-1.jar',
    '/b/1/b-1.jar',
    '/a/b/1/c-1.jar',
    '/a/b/1/b-2.jar',
    '/a/b/1/b-1',
    '/a/b/1/b-1.',
    '/a/../b/1/b-1.jar',
  ]
  const encoded = [
    '/a/%2e%2e/1/%2e%2e-1.jar',
    '/a/b/1/b-1.jar%00',
    '/a/b%2fc/1/b-1.jar',
    '/a/b/1/b-1%5c.jar',
    '/a/b/1/b-1.%ff',
    '/a/b/1 /b-1 .jar',
  ]
  const builds = [
    '/a/b/1-SNAPSHOT/b-1-20261101.120000.jar',
    '/a/b/1-SNAPSHOT/b-2-20261101.120000-1.jar',
    '/maven-metadata.xml',
  ]
  for (const path of [...odd, ...encoded, ...builds]) assert.throws(() => parsePath(path), { kind: 'invalid' }, path)
})

test('classifier and extension are told apart', () => {
  const files: Readonly<Record<string, readonly [string, string]>> = {
    'b-1.0.jar': ['', 'jar'],
    'b-1.0.tar.gz': ['', 'tar.gz'],
    'b-1.0-sources.jar': ['sources', 'jar'],
    'b-1.0-linux-x86_64-1.2.tar.gz': ['linux-x86_64-1.2', 'tar.gz'],
    'b-1.0-bin.jar.asc': ['bin', 'jar.asc'],
    'b-1.0.pom.asc': ['', 'pom.asc'],
    'b-1.0-odd.what.ever': ['odd', 'what.ever'],
    'b-1.0-none': ['none', ''],
  }
  for (const [file, [classifier, extension]] of Object.entries(files))
    assert.deepEqual(splitFile('b', '1.0', file), { classifier, extension }, file)
})

test('builds belong to their snapshot', () => {
  assert.equal(snapshotOf('1.0-rc-20261101.120000-3'), '1.0-rc-SNAPSHOT')
  assert.deepEqual(buildOf('1.0-20261101.120000-3'), { timestamp: '20261101.120000', buildNumber: 3 })
  for (const version of ['1.0', '1.0-SNAPSHOT', '20261101.120000-3', '1-2026.12-3'])
    assert.equal(snapshotOf(version), undefined)
})

test('names lead to addresses and back', () => {
  const text = fc.stringMatching(/^[A-Za-z0-9_+-]{1,10}$/)
  const groups = fc.array(text, { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(groups, text, text, (parts, artifact, version) => {
      fc.pre(!version.endsWith('-SNAPSHOT') && artifact !== '' && !/^\.+$/.test(artifact))
      const name = { format: 'maven', namespace: parts.join('.'), name: artifact } as const
      const file = `${artifact}-${version}.jar`
      const parsed = parsePath(`/${assetAddress(name, version, file)}`)
      assert.deepEqual(parsed, { kind: 'asset', name, version, snapshot: undefined, file, checksum: undefined })
      assert.deepEqual(parsePath(`/${metadataAddress(name)}`).name, name)
      assert.deepEqual(groupFolder(`${name.namespace}.${artifact}`), name)
    }),
  )
})

test('any path at all is read, or refused as what it is', () => {
  const piece = fc.constantFrom(
    'a',
    'b',
    '1',
    'b-1.jar',
    '..',
    '%2e',
    '%',
    '-SNAPSHOT',
    '1-SNAPSHOT',
    'maven-metadata.xml',
    '.sha1',
    '\u0000',
    '%00',
    'b-1-20261101.120000-1.jar',
  )
  const path = fc.oneof(
    fc.array(piece, { maxLength: 7 }).map((parts) => `/${parts.join('/')}`),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(path, (text) => {
      try {
        const { name } = parsePath(text)
        assert.ok(![name.namespace, name.name].some((part) => /\/|\.\.$|^\.\.$/.test(part) && part === '..'))
      } catch (error) {
        assert.ok(error instanceof RegistryError && error.kind === 'invalid', String(error))
      }
    }),
    { numRuns: 300 },
  )
})
