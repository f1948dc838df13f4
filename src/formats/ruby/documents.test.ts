import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import fc from 'fast-check'
import { skipWithoutRuby } from '../../../test/support/ruby-clients.ts'
import { HEAD_END, linesOf, parseInfo, readVersions, renderInfoLine } from './compact-index.ts'
import { sampleFullNames, sampleInfo, sampleVersions } from './conformance.ts'
import { catalogueRules } from './documents.ts'
import { readFacts } from './facts.ts'
import { renderGemspec } from './gem-marshal.ts'
import { readGemFile } from './inspect.ts'
import { fullName, parsePackage, parseVersion, readFullName } from './names.ts'
import { mergeReleases, readRelease, refreshRelease } from './release.ts'
import { rubyUpstream } from './upstream.ts'
import { compareVersions, isPrerelease, isSameVersion } from './versions.ts'
import { parseYaml } from './yaml.ts'
import { Readable } from 'node:stream'
import { RegistryError } from '../../registry/errors.ts'
import { buildGem } from '../../../test/support/gem-file.ts'

test('versions are in the order that RubyGems has', () => {
  assert.deepEqual(sampleVersions.toSorted(compareVersions), sampleVersions)
  assert.ok(isSameVersion('1.0', '1.0.0') && isSameVersion('1.0.rc', '1.0.0.rc.0') && !isSameVersion('1.0', '1.0.1'))
  assert.deepEqual([isPrerelease('1.0.rc1'), isPrerelease('1.0')], [true, false])
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => compareVersions(one, other) === -compareVersions(other, one)),
  )
})

test('a full name is every gem that it can be, and only an index can tell', () => {
  const shown = (text: string) =>
    readFullName(text).map(({ name, version, platform }) => `${name} ${version} ${platform}`)
  for (const [text, gems] of sampleFullNames) assert.deepEqual(shown(text), gems, text)
  fc.assert(fc.property(fc.string(), (text) => readFullName(text).every((gem) => fullName(gem) === text)))
})

test('names and versions that could be something else are refused', () => {
  for (const name of ['', '.rails', '1', '../x', 'a/b', 'a b', 'x.gem', 'x.json', 'ä']) {
    assert.throws(() => parsePackage(name), /must be letters/, name)
  }
  for (const version of ['', '1-2', 'v1', '1..2', '1.0 ', '1_0']) assert.throws(() => parseVersion(version), /version/)
})

test('info is read and written again as it was', () => {
  const lines = parseInfo(sampleInfo)
  const again = lines.map(({ version, platform, checksum, createdAt, ...rest }) => {
    const gem = { ...rest, platform, source: 'index' as const, development: [] }
    return renderInfoLine({ name: 'x', version, platform }, gem, checksum, createdAt)
  })
  assert.equal(HEAD_END + again.join(''), sampleInfo)
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'a1.-|:,& \n') }), (text) => parseInfo(text).length >= 0))
})

test('versions says in the end what its lines said one after the other', () => {
  const text = 'created_at: now\n---\na 1.0,1.1 x\nb 1 y\na 1.2 z\na -1.0 w\n'
  const found = [...readVersions(text)].map(([name, numbers]) => `${name} ${[...numbers].join()}`)
  assert.deepEqual(found, ['a 1.1,1.2', 'b 1'])
  assert.equal(linesOf(Buffer.from(`${text}half a li`)).toString(), text.slice(text.indexOf('a 1.0')))
  const change = catalogueRules.renderChange(
    parsePackage('a'),
    { items: ['1', '2'], digest: 'x' },
    { items: ['2', '3'], digest: 'y' },
  )
  assert.equal(change, 'a 3,-1 y\n')
})

test('documents are read whatever they hold', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (stored, added) => {
      const merged = mergeReleases({ gems: stored }, { gems: added })
      readFacts(refreshRelease(merged, added))
      return Object.keys(readRelease(stored).gems).length >= 0
    }),
  )
  const outside = parsePackage('any')
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      try {
        rubyUpstream.parsePackage(Buffer.from(bytes), outside)
      } catch (error) {
        assert.ok(error instanceof RegistryError)
      }
    }),
  )
})

test('YAML is data: tags make nothing, and everything is text', () => {
  const text = 'a: 1.10\nb: !ruby/object:Gem::Version\n  version: 1.0\nc: 2026-01-02\nd: &x [y]\ne: *x\nf: ~\n'
  const found = parseYaml(text, 'it')
  assert.deepEqual(found, { a: '1.10', b: { version: '1.0' }, c: '2026-01-02', d: ['y'], e: ['y'], f: '~' })
  for (const hostile of ['a: !ruby/object:Kernel {}', '!ruby/hash:X {}', 'a: !!python/x y', '? [a]\n: b', 'a: b: c']) {
    assert.throws(() => parseYaml(hostile, 'it'), RegistryError, hostile)
  }
})

test('a gem is read or refused, however it is damaged', async () => {
  const whole = buildGem({ name: 'whole', version: '1.0', dependencies: { rack: '>= 2.0', zeitwerk: '~> 2.6' } }).bytes
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), fc.boolean(), async (at, value, isCut) => {
      const bytes = Buffer.from(isCut ? whole.subarray(0, at) : whole)
      if (!isCut) bytes[at] = value
      const open = (start = 0) => Readable.from([bytes.subarray(start)])
      try {
        await readGemFile({ sizeBytes: bytes.length, open })
      } catch (error) {
        assert.ok(error instanceof RegistryError, String(error))
      }
    }),
    { numRuns: 150 },
  )
})

test('Ruby loads the specification that we write', { skip: skipWithoutRuby() }, async () => {
  const { bytes } = buildGem({
    name: 'whole',
    version: '1.10',
    platform: 'x86_64-linux',
    dependencies: { rack: '>= 2.0' },
    metadata: ['metadata:', '  source_code_uri: https://example.com/ü'],
  })
  const open = (start = 0) => Readable.from([bytes.subarray(start)])
  const { gem, content } = await readGemFile({ sizeBytes: bytes.length, open })
  const script =
    'require "zlib"; s = Marshal.load(Zlib.inflate(STDIN.read)); ' +
    'print [s.full_name, s.platform.os, s.dependencies.join, s.summary, s.metadata["source_code_uri"], s.date.year].join("|")'
  const told = execFileSync('ruby', ['-e', script], { input: renderGemspec(gem, content) }).toString()
  assert.equal(told, 'whole-1.10-x86_64-linux|linux|rack (>= 2.0)|What whole does|https://example.com/ü|2026')
})
