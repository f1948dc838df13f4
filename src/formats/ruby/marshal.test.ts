import assert from 'node:assert/strict'
import { test } from 'node:test'
import { marshalDependencyEntry, marshalSpecification, marshalTuple } from './gem-marshal.ts'
import { marshalArray, marshalInteger, marshalStream } from './marshal.ts'
import { parsePlatformParts } from './platform.ts'
import type { Gem } from './release.ts'

const name = { name: 'a', version: '1.0', platform: 'ruby' }
const gem: Gem = {
  platform: 'ruby',
  source: 'gem',
  runtime: [{ name: 'b', requirements: ['~> 2.1'] }],
  development: [],
  ruby: [],
  rubygems: [],
  about: {
    summary: 's',
    authors: ['x'],
    emails: [],
    licenses: [],
    metadata: {},
    date: '2026-01-02',
    rubygemsVersion: '3.6.9',
  },
}

/** Each was loaded by Ruby's own Marshal to the value that it stands for. */
const vectors = {
  tuple:
    '04085b065b0849220661063a064554553a1147656d3a3a56657273696f6e5b06492208312e30063a0645544922097275' +
    '6279063a064554',
  dependency:
    '04085b067b093a096e616d6549220661063a0645543a0b6e756d626572492208312e30063a0645543a0d706c6174666f' +
    '726d49220972756279063a0645543a11646570656e64656e636965735b065b0749220662063a06455449220b7e3e2032' +
    '2e31063a064554',
  specification:
    'BAh1OhdHZW06OlNwZWNpZmljYXRpb24C9wEECFsYSSIKMy42LjkGOgZFVGkJSSIGYQY6BkVUVToRR2VtOjpWZXJzaW9uWwZJ' +
    'IggxLjAGOgZFVEl1OglUaW1lDUCAH8AAAAAABjoJem9uZUkiCFVUQwY6BkVUSSIGcwY6BkVUVToVR2VtOjpSZXF1aXJlbWVu' +
    'dFsGWwZbB0kiBz49BjoGRVRVOhFHZW06OlZlcnNpb25bBkkiBjAGOgZFVFU6FUdlbTo6UmVxdWlyZW1lbnRbBlsGWwdJIgc+' +
    'PQY6BkVUVToRR2VtOjpWZXJzaW9uWwZJIgYwBjoGRVRJIglydWJ5BjoGRVRbBm86FEdlbTo6RGVwZW5kZW5jeQo6CkBuYW1l' +
    'SSIGYgY6BkVUOhFAcmVxdWlyZW1lbnRVOhVHZW06OlJlcXVpcmVtZW50WwZbBlsHSSIHfj4GOgZFVFU6EUdlbTo6VmVyc2lv' +
    'blsGSSIIMi4xBjoGRVQ6CkB0eXBlOgxydW50aW1lOhBAcHJlcmVsZWFzZUY6GkB2ZXJzaW9uX3JlcXVpcmVtZW50c1U6FUdl' +
    'bTo6UmVxdWlyZW1lbnRbBlsGWwdJIgd+PgY6BkVUVToRR2VtOjpWZXJzaW9uWwZJIggyLjEGOgZFVEkiAAY6BkVUMFsGSSIG' +
    'eAY6BkVUMDBUSSIJcnVieQY6BkVUWwB7AA==',
}

test('what is written is what Ruby reads', () => {
  assert.equal(marshalStream(marshalArray([marshalTuple(name)])).toString('hex'), vectors.tuple)
  const entry = marshalStream(marshalArray([marshalDependencyEntry(name, gem)]))
  assert.equal(entry.toString('hex'), vectors.dependency)
  assert.equal(marshalStream(marshalSpecification(name, gem)).toString('base64'), vectors.specification)
})

test('integers take as many bytes as they need', () => {
  const written = [0, 1, 122, 123, 255, 256, 65_536, -1, -123, -124, -256, -257].map((value) => {
    return marshalInteger(value).subarray(1).toString('hex')
  })
  const expected = ['00', '06', '7f', '017b', '01ff', '020001', '03000001', 'fa', '80', 'ff84', 'ff00', 'fefffe']
  assert.deepEqual(written, expected)
})

test('a platform is taken apart as RubyGems does it', () => {
  const parts = (text: string) => Object.values(parsePlatformParts(text)).map((part) => part ?? null)
  const found = ['x86_64-linux', 'x86_64-linux-gnu', 'x86_64-linux-musl', 'arm64-darwin-23', 'i686-mingw32', 'java']
  assert.deepEqual(found.map(parts), [
    ['x86_64', 'linux', null],
    ['x86_64', 'linux', null],
    ['x86_64', 'linux', 'musl'],
    ['arm64', 'darwin', '23'],
    ['x86', 'mingw32', null],
    [null, 'java', null],
  ])
  assert.deepEqual(['x64-mingw-ucrt', 'mswin32', 'x64-mswin64-140', 'x86-freebsd-14'].map(parts), [
    ['x64', 'mingw', 'ucrt'],
    ['x86', 'mswin32', null],
    ['x64', 'mswin64', '140'],
    ['x86', 'freebsd', '14'],
  ])
})
