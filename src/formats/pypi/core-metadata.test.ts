import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fieldOf, fieldsOf, parseCoreMetadata } from './core-metadata.ts'

test('headers come by name in lower case, in order, and the body is the description', () => {
  const text = 'Metadata-Version: 2.1\r\nName: Tiny\r\nCLASSIFIER: a\r\nClassifier: b\r\n\r\n# Tiny\r\n\r\nText\r\n'
  const metadata = parseCoreMetadata(Buffer.from(text))
  assert.deepEqual(metadata.fields, { 'metadata-version': ['2.1'], name: ['Tiny'], classifier: ['a', 'b'] })
  assert.equal(metadata.description, '# Tiny\n\nText\n')
})

test('what goes on over lines is put together, as old tools wrote it', () => {
  const metadata = parseCoreMetadata(
    Buffer.from('Name: x\nDescription: one\n       |two\n        three\n\t four\nLicense: a\n b\n'),
  )
  assert.equal(metadata.description, 'one\ntwo\nthree\nfour')
  assert.equal(fieldOf(metadata, 'license'), 'a\nb')
  assert.equal(metadata.fields['description'], undefined)
})

test('UNKNOWN and nothing are nothing', () => {
  const metadata = parseCoreMetadata(
    Buffer.from('Name: x\nLicense: UNKNOWN\nSummary:\nPlatform: UNKNOWN\nPlatform: any\n'),
  )
  assert.equal(fieldOf(metadata, 'license'), undefined)
  assert.equal(fieldOf(metadata, 'summary'), undefined)
  assert.deepEqual(fieldsOf(metadata, 'platform'), ['any'])
  assert.equal(metadata.description, undefined)
})

test('a byte order mark, and text that is not UTF-8, are read', () => {
  assert.equal(fieldOf(parseCoreMetadata(Buffer.from('\uFEFFName: x\n')), 'name'), 'x')
  assert.equal(fieldOf(parseCoreMetadata(Buffer.from('Author: J\xfcrgen\n', 'latin1')), 'author'), 'Jürgen')
})

test('items larger than the service keeps are left out', () => {
  const metadata = parseCoreMetadata(
    Buffer.from(`Name: x\nLicense: ${'l'.repeat(500_000)}\n\n${'d'.repeat(2_000_000)}`),
  )
  assert.equal(fieldOf(metadata, 'license'), undefined)
  assert.equal(metadata.description?.length, 1024 * 1024)
})

test('whatever the bytes, something is read', () => {
  const seeds = fc.constantFrom(
    '__proto__: x\nconstructor: y\n',
    ': x',
    ' x',
    '\n\n',
    'Name',
    'Name: x\n y\n\n',
    'a:b:c\n',
  )
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array().map(Buffer.from), seeds.map(Buffer.from)), (bytes) => {
      const { fields } = parseCoreMetadata(Buffer.from(bytes))
      for (const [name, values] of Object.entries(fields)) {
        assert.match(name, /^[a-z][a-z0-9-]*$/)
        assert.ok(values.every((value) => typeof value === 'string'))
      }
    }),
  )
})
