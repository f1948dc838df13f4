import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import fc from 'fast-check'
import { cargoToml, makeCrate, publishBody } from '../../../test/support/cargo-crate.ts'
import { mutated, readOrRefused } from '../../../test/support/fuzzing.ts'
import { readAnnouncement } from './announcement.ts'
import { FrameReader } from './frame-reader.ts'
import { readManifest } from './manifest.ts'
import { parsePackage } from './names.ts'
import { cargoUpstream } from './upstream.ts'

const rich = {
  name: 'fuzzed',
  version: '1.0.0-rc.1+build',
  dependencies: [
    { name: 'log', req: '^0.4', features: ['std'], optional: true },
    { name: 'serde', req: '>=1, <2', alias: 'ser', kind: 'build', target: 'cfg(unix)' },
  ],
  features: { default: ['dep:log'], more: ['ser?/std'] },
  manifest: 'rust-version = "1.70"\nlinks = "z"\ndescription = "x"\n',
} as const
const words = [
  '{',
  '}',
  '[',
  ']',
  '"',
  '"__proto__":',
  'null',
  '1e999',
  '\\u0000',
  ',',
  ':',
  '\ud800',
  '-1',
  '""',
  '\n',
]

test('what is announced of a crate is read or refused, and never lets a control character into a line', async () => {
  const corpus = [JSON.stringify(makeCrate(rich).metadata), JSON.stringify(makeCrate('plain@0.1.0').metadata)]
  const property = fc.asyncProperty(mutated(corpus, words), (bytes) =>
    readOrRefused(() => {
      const { entry } = readAnnouncement(bytes)
      assert.doesNotMatch(JSON.stringify(entry), /\n/)
    }),
  )
  await fc.assert(property, { numRuns: 500 })
})

test('a manifest is read or refused, whatever stands in it', async () => {
  const toml = [
    '[package]',
    '[[package]]',
    'name = 1',
    'package.name = "x"',
    "'''",
    '"""',
    '= ',
    '[dependencies.x]',
    '{ }',
  ]
  const property = fc.asyncProperty(mutated([cargoToml(rich)], [...toml, ...words]), (bytes) =>
    readOrRefused(() => readManifest(bytes.toString())),
  )
  await fc.assert(property, { numRuns: 500 })
})

test('lengths that lie are refused, and no more is held than was said', async () => {
  const { metadata, bytes } = makeCrate('framed@1.0.0')
  const whole = publishBody(metadata, bytes)
  const lengths = ['\0\0\0\0', '\xff\xff\xff\xff', '\x01\0\0\0']
  const property = fc.asyncProperty(mutated([whole.subarray(0, 400), whole], lengths), (body) =>
    readOrRefused(async () => {
      const reader = new FrameReader(Readable.from([body]))
      for (const part of ['first', 'second']) {
        let left = await reader.takeLength(part)
        for await (const chunk of reader.stream(left, part)) left -= chunk.length
        assert.equal(left, 0)
      }
      await reader.end()
    }),
  )
  await fc.assert(property, { numRuns: 300 })
})

test('a file of somebody else’s index is read line by line, and refused when no line makes sense', () => {
  const corpus = [`${JSON.stringify(makeCrate(rich).line)}\n${JSON.stringify(makeCrate('fuzzed@2.0.0').line)}\n`]
  const name = parsePackage('fuzzed')
  assert.equal(cargoUpstream.parsePackage(Buffer.from(corpus[0] ?? ''), name).versions.size, 2)
  const read = (bytes: Buffer) => {
    try {
      return cargoUpstream.parsePackage(bytes, name).versions
    } catch (error) {
      assert.match(String(error), /no line of its index can be read/)
      return new Map()
    }
  }
  fc.assert(
    fc.property(mutated(corpus, words), (bytes) => {
      for (const { assets } of read(bytes).values()) assert.equal(assets.length, 1)
    }),
    { numRuns: 500 },
  )
})
