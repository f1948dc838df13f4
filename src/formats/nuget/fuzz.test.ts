import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import fc from 'fast-check'
import { mutated, readOrRefused } from '../../../test/support/fuzzing.ts'
import { makeNuget, makePdb, makeSymbols } from '../../../test/support/nuget-package.ts'
import { pushForm } from '../../../test/support/nuget-wire.ts'
import { openRegistry } from '../../../test/support/registry.ts'
import { readSymbols } from './inspect.ts'
import { normalizeRange } from './ranges.ts'
import { receivePackage } from './upload.ts'
import { keyOfVersion } from './versions.ts'
import { renderVulnerabilityPage, vulnerabilityRules } from './vulnerabilities.ts'

test('a form with a package is taken or refused, however it is damaged', async (t) => {
  const registry = await openRegistry(t)
  await registry.setUp('team')
  const session = await registry.session('team', 'nuget')
  const { type, body } = pushForm(makeNuget('formed@1.0.0').bytes)
  const boundary = /"(.*)"/.exec(type)?.[1] ?? ''
  const words = [
    `--${boundary}`,
    `--${boundary}--`,
    '\r\n',
    '\r\n\r\n',
    'filename=',
    'name',
    '; ',
    '"',
    'Content-Type: ',
  ]
  const read = async (bytes: Buffer) => {
    await using staged = await session.stageAsset()
    await receivePackage(Readable.from([bytes]), type, staged)
  }
  await read(body)
  const property = fc.asyncProperty(mutated([body], words), (bytes) => readOrRefused(() => read(bytes)))
  await fc.assert(property, { numRuns: 60 })
})

test('symbols are read or refused, however they are damaged', async () => {
  const files = [{ path: 'lib/net8.0/b.pdb', content: makePdb(Buffer.alloc(16, 7)) }]
  const corpus = [makeSymbols({ id: 'a', version: '1.0.0', files })]
  const property = fc.asyncProperty(mutated(corpus, ['PK\x05\x06', 'PK\x01\x02', '.pdb', '../', '\0']), (bytes) => {
    const open = (start = 0) => Readable.from([bytes.subarray(start)])
    return readOrRefused(() => readSymbols({ name: 'a.snupkg', sizeBytes: bytes.length, open }))
  })
  await fc.assert(property, { numRuns: 200 })
})

test('versions and ranges are read or are none', () => {
  const words = ['.', '-', '+', '[', ')', ',', '*', ' ', '0', '2147483648', 'β']
  const corpus = ['1.0.0', '1.2.3.4-rc.1+m', '[1.0.0, 2.0.0)', '(,1.0]', '1.*']
  fc.assert(
    fc.property(mutated(corpus, words), (bytes) => {
      const key = keyOfVersion(bytes.toString())
      if (key !== undefined) assert.equal(keyOfVersion(key), key, 'a normal form is its own')
      const range = normalizeRange(bytes.toString())
      if (range !== undefined) assert.equal(normalizeRange(range), range, 'a normal form is its own')
    }),
    { numRuns: 2000 },
  )
})

test('what was kept of pages of vulnerabilities makes lines that can be read, or none', () => {
  const kept = JSON.stringify({
    updated: ['base 1'],
    advisories: { leaf: [{ severity: 1, url: 'https://a.example/1', versions: '(, 2.0.0)' }] },
  })
  const words = ['"__proto__":', '\\n', '{', '}', '[', ']', 'null', '"constructor":[{}],', '1e9']
  fc.assert(
    fc.property(mutated([kept], words), (bytes) => {
      const body = isJson(bytes) ? vulnerabilityRules.readLines(bytes) : Buffer.alloc(0)
      JSON.parse(renderVulnerabilityPage({ body }, 'base'))
    }),
    { numRuns: 500 },
  )
})

/** What is kept is ours. */
function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString())
    return true
  } catch {
    return false
  }
}
