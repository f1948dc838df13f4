import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { packZip } from '../../../test/support/zip-archive.ts'
import { RegistryError } from '../../registry/errors.ts'
import { sampleVersions } from './conformance.ts'
import { mergeDocuments, readFacts } from './facts.ts'
import { inspect } from './inspect.ts'
import { parseMetadata } from './metadata.ts'
import { mayBePlugin, readPluginDescriptor } from './plugin-descriptor.ts'
import { checkPom, parsePom } from './pom.ts'

function source(name: string, bytes: Buffer) {
  return { name, sizeBytes: bytes.length, open: (start = 0) => Readable.from([bytes.subarray(start)]) }
}

for (const { groupId, artifactId, version, pom, facts } of sampleVersions) {
  test(`${artifactId} ${version} is read as it was made`, async () => {
    const coordinates = `<groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version>`
    const text = `<?xml version="1.0"?><!-- by hand --><project xmlns="http://maven.apache.org/POM/4.0.0">${coordinates}${pom}</project>`
    const inspection = await inspect(source(`${artifactId}-${version}.pom`, Buffer.from(text)))
    assert.deepEqual(readFacts(mergeDocuments({ artifactId }, inspection?.document)), facts)
    checkPom(parsePom(Buffer.from(text)), { groupId, artifactId, version })
  })
}

test("group and version may be the parent's, and what nobody filled in is not compared", () => {
  const parent = '<parent><groupId>com.acme</groupId><artifactId>p</artifactId><version>3</version></parent>'
  const expected = { groupId: 'com.acme', artifactId: 'a', version: '3' }
  checkPom(parsePom(Buffer.from(`<project>${parent}<artifactId>a</artifactId></project>`)), expected)
  checkPom(
    parsePom(Buffer.from(`<project>${parent}<artifactId>a</artifactId><version>\${revision}</version></project>`)),
    expected,
  )
  const other = parsePom(Buffer.from(`<project>${parent}<artifactId>a</artifactId><version>4</version></project>`))
  assert.throws(() => checkPom(other, expected), /version '4' must be the one in its address/)
})

test('a POM may be in any encoding that it declares, and have names that are members of every object', () => {
  const text =
    '<project><artifactId>a</artifactId><name>Bjørn</name><properties><constructor>x</constructor><hasOwnProperty>y</hasOwnProperty></properties></project>'
  const declared = (encoding: string) => `<?xml version='1.0' encoding='${encoding}'?>${text}`
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])
  const bom = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)])
  for (const bytes of [
    Buffer.from(text),
    Buffer.from(declared('UTF-8')),
    Buffer.from(declared('ISO-8859-1'), 'latin1'),
    utf16,
    bom,
  ])
    assert.equal(parsePom(bytes).name, 'Bjørn')
})

test('a jar of a plug-in says its prefix, and any other jar says nothing', async () => {
  const descriptor =
    '<plugin><name>Fine</name><goalPrefix>fine</goalPrefix><artifactId>fine-maven-plugin</artifactId></plugin>'
  const jarOf = (content: string) => source('x.jar', packZip([{ path: 'META-INF/maven/plugin.xml', content }]))
  assert.deepEqual(await readPluginDescriptor(jarOf(descriptor)), {
    prefix: 'fine',
    artifactId: 'fine-maven-plugin',
    name: 'Fine',
  })
  for (const other of [
    jarOf('<plugin/>'),
    jarOf('not XML'),
    jarOf('<a>'.repeat(300)),
    source('x.jar', Buffer.from('no zip')),
    source('x.jar', packZip([{ path: 'a' }])),
  ])
    assert.equal(await readPluginDescriptor(other), undefined)
  assert.deepEqual(['maven-jar-plugin', 'x-maven-plugin', 'plugin', 'gradle-plugin'].map(mayBePlugin), [
    true,
    true,
    false,
    false,
  ])
})

const seeds = [
  '<project><artifactId>a</artifactId></project>',
  '<metadata><versioning><versions><version>1</version></versions><snapshot><timestamp>20261101.120000</timestamp><buildNumber>1</buildNumber></snapshot></versioning></metadata>',
  '<?xml version="1.0" encoding="UTF-16"?><project/>',
  '<!DOCTYPE a [<!ENTITY b "c">]><project>&b;</project>',
  '<project><![CDATA[</project>]]></project>',
  '<project a="<b>"><b/></project>',
  '<project><dependencies><dependency><dependency/></dependency>text</dependencies></project>',
  '<project><__proto__><polluted>x</polluted></__proto__></project>',
  '<project><licenses>text</licenses><scm/><parent>text</parent></project>',
]

test('hostile documents are read or refused, never anything else', () => {
  const mutated = fc
    .tuple(fc.constantFrom(...seeds), fc.nat(), fc.nat(20), fc.string({ unit: 'binary', maxLength: 8 }))
    .map(([seed, at, cut, put]) => {
      const start = at % seed.length
      return seed.slice(0, start) + put + seed.slice(start + cut)
    })
  fc.assert(
    fc.property(fc.oneof(mutated, fc.constantFrom(...seeds)), (text) => {
      for (const parse of [parsePom, parseMetadata]) {
        try {
          readFacts({
            pom: parse === parsePom ? parsePom(Buffer.from(text)) : undefined,
            metadata: parse(Buffer.from(text)),
          })
        } catch (error) {
          assert.ok(error instanceof RegistryError && error.kind === 'invalid', String(error))
        }
      }
      assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
    }),
    { numRuns: 300 },
  )
})
