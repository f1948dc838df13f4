import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import fc from 'fast-check'
import { mutated, readOrRefused } from '../../../test/support/fuzzing.ts'
import { buildGem, metadataOf } from '../../../test/support/gem-file.ts'
import { openRegistry } from '../../../test/support/registry.ts'
import { linesOf, parseInfo, readVersions, renderInfoLine } from './compact-index.ts'
import { receivePush } from './push-body.ts'
import { readSpecification } from './specification.ts'
import { parseYaml } from './yaml.ts'

const metadata = [
  metadataOf({ name: 'rack', version: '2.0', dependencies: { a: '>= 1', b: '~> 2.6' } }),
  metadataOf({ name: 'old', version: '0.1', platform: 'java', metadata: ['x: &shared [a]', 'y: *shared'] }),
]
const yamlWords = [
  '&a ',
  '*a ',
  '!ruby/object:Gem::Version',
  '!ruby/object:Kernel',
  '!!binary',
  ': ',
  '- ',
  '? ',
  '|\n',
  '>-\n',
  '{',
  '[',
  '"',
  "'",
  '---\n',
  '<<: ',
  '%TAG ! x\n',
  '__proto__',
]

test('metadata is read or refused, whatever is done to it', async () => {
  const property = fc.asyncProperty(mutated(metadata, yamlWords), (bytes) =>
    readOrRefused(() => readSpecification(parseYaml(bytes.toString(), 'metadata'))),
  )
  await fc.assert(property, { numRuns: 500 })
  assert.equal(({} as { polluted?: unknown }).polluted, undefined)
})

const info = [
  '---\n1.0 |checksum:' + 'a'.repeat(64),
  '\n1.1-java rack:>= 2.0&< 4,z:~> 1|ruby:>= 3.0,created_at:2026-01-02T03:04:05Z\n',
].join('')
const versions = 'created_at: 2026-01-01T00:00:00Z\n---\na 1.0,1.1-java 00\nb -1.0,2 11\n'

test('compact indexes are read whatever stands in them, and written so that they say the same', () => {
  const words = ['---\n', '\n', ' ', ',', ':', '&', '|', '-', 'checksum:', 'created_at:', '1.0', '\0', '\u2028']
  fc.assert(
    fc.property(mutated([info, versions], words), (bytes) => {
      readVersions(linesOf(bytes).toString())
      const lines = parseInfo(bytes.toString())
      for (const { checksum, createdAt, ...line } of lines) {
        const gem = { ...line, source: 'index', development: [] } as const
        const written = renderInfoLine({ name: 'a', ...line }, gem, checksum, createdAt)
        assert.deepEqual(written.match(/\n/g)?.length, 1, 'one version stays one line')
      }
    }),
    { numRuns: 1000 },
  )
})

test('a push in a form is taken or refused, however it is damaged', async (t) => {
  const registry = await openRegistry(t)
  await registry.setUp('team')
  const session = await registry.session('team', 'ruby')
  const part = (name: string, content: string) => `--x\r\nContent-Disposition: form-data; name="${name}"${content}`
  const gem = buildGem('formed@1.0').bytes.toString('latin1')
  const form = `${part('gem', '; filename="a/b.gem"')}\r\n\r\n${gem}\r\n${part('attestations', '')}\r\n\r\n[{"a":1}]\r\n--x--\r\n`
  const words = ['--x', '--x--', '\r\n', '\r\n\r\n', 'name="gem"', "filename*=utf-8''x", '; ', '"', '{', ']']
  const read = async (bytes: Buffer) => {
    await using pushed = await receivePush(Readable.from([bytes]), 'multipart/form-data; boundary=x', () =>
      session.stageAsset(),
    )
    await pushed.staged.sealed()
  }
  await read(Buffer.from(form, 'latin1'))
  const property = fc.asyncProperty(mutated([Buffer.from(form, 'latin1')], words), (bytes) =>
    readOrRefused(() => read(bytes)),
  )
  await fc.assert(property, { numRuns: 60 })
})
