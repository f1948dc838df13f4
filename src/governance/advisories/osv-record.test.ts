import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formats } from '../../formats/index.ts'
import { createAffectedTest } from '../../registry/affected-versions.ts'
import { RegistryError } from '../../registry/errors.ts'
import { parseOsvRecord } from './osv-record.ts'
import { type GivenRecord, osvRecord } from './osv.fixture.ts'
import { formatsByEcosystem, packageAdvisories } from './package-advisories.ts'
import { loadCvss } from './severity.ts'

const parts = { formats: formatsByEcosystem(formats), score: await loadCvss() }

function read(record: GivenRecord) {
  return packageAdvisories(parseOsvRecord(osvRecord(record)), parts)
}

test('a record says what is known of each package that it is about', () => {
  const [found, ...more] = read({
    id: 'GHSA-35jh-r3h4-6jhm',
    aliases: ['CVE-2021-23337'],
    severity: 'HIGH',
    vectors: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H' }],
  })
  assert.deepEqual(more, [])
  assert.deepEqual(found, {
    format: 'npm',
    subject: { namespace: '', name: 'lodash' },
    advisory: {
      id: 'GHSA-35jh-r3h4-6jhm',
      aliases: ['CVE-2021-23337'],
      summary: 'Command Injection',
      severity: 'high',
      score: 7.2,
      vector: 'CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H',
      cwes: ['CWE-77'],
      url: 'https://github.com/advisories/GHSA-35jh-r3h4-6jhm',
      publishedAt: Date.parse('2021-05-06T16:05:51Z'),
      modifiedAt: Date.parse('2024-04-16T18:23:33Z'),
      affected: {
        ranges: [
          [
            { kind: 'introduced', version: '0' },
            { kind: 'fixed', version: '4.17.21' },
          ],
        ],
        versions: [],
      },
    },
  })
})

test('names are read as each ecosystem writes them', () => {
  const subjectOf = (ecosystem: string, name: string) => {
    const [found] = read({ id: 'X-1', ecosystem, name })
    return found && `${found.format} ${found.subject.namespace} ${found.subject.name}`
  }
  assert.equal(subjectOf('npm', '@acme/x'), 'npm acme x')
  assert.equal(subjectOf('PyPI', 'Django_Rest.Framework'), 'pypi  django-rest-framework')
  assert.equal(subjectOf('Maven', 'org.apache.logging.log4j:log4j-core'), 'maven org.apache.logging.log4j log4j-core')
  assert.equal(subjectOf('Maven:https://repo.example/', 'a.b:c'), 'maven a.b c')
  assert.equal(subjectOf('NuGet', 'Newtonsoft.Json'), 'nuget  newtonsoft.json')
  assert.equal(subjectOf('RubyGems', 'actionpack'), 'ruby  actionpack')
  assert.equal(subjectOf('crates.io', 'RustDecimal'), 'cargo  rustdecimal')
  assert.equal(subjectOf('SwiftURL', 'https://github.com/Apple/swift-nio.git'), 'swift github.com/apple swift-nio')
  assert.equal(subjectOf('SwiftURL', 'github.com/apple/swift-nio'), 'swift github.com/apple swift-nio')
  assert.equal(subjectOf('SwiftURL', 'git@github.com:apple/swift-nio.git'), 'swift github.com/apple swift-nio')
  assert.equal(subjectOf('Go', 'github.com/x/y'), undefined)
  assert.equal(subjectOf('Maven', 'no-group'), undefined, 'a name that cannot be')
})

test('severities come from the database, else from the worst vector, else from the kind of the record', () => {
  const severityOf = (record: Partial<GivenRecord>) => {
    const [found] = read({ id: 'X-1', ...record })
    return [found?.advisory.severity, found?.advisory.score]
  }
  const v2 = { type: 'CVSS_V2', score: 'AV:N/AC:L/Au:N/C:P/I:P/A:P' }
  const v3 = { type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N' }
  const v4 = { type: 'CVSS_V4', score: 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N' }
  assert.deepEqual(severityOf({}), [undefined, undefined])
  assert.deepEqual(severityOf({ severity: 'MODERATE' }), ['moderate', undefined])
  assert.deepEqual(severityOf({ severity: 'Medium', vectors: [v4] }), ['moderate', 9.3])
  assert.deepEqual(severityOf({ vectors: [v2] }), ['high', 7.5])
  assert.deepEqual(severityOf({ vectors: [v3] }), ['moderate', 5.3])
  assert.deepEqual(severityOf({ vectors: [v4, v3] }), ['critical', 5.3])
  assert.deepEqual(severityOf({ vectors: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N' }] }), [undefined, undefined])
  assert.deepEqual(severityOf({ id: 'MAL-2024-1' }), ['critical', undefined])
})

test('a withdrawn record says nothing, and listed versions that a range holds are kept once', () => {
  assert.deepEqual(read({ id: 'X-1', withdrawn: '2024-01-01T00:00:00Z' }), [])
  const [found] = read({ id: 'X-1', versions: ['1.0.0', '4.17.20', '5.0.0-odd'] })
  assert.deepEqual(found?.advisory.affected.versions, ['5.0.0-odd'])
})

test('what is no record is refused with a sentence', () => {
  const good = osvRecord({ id: 'X-1' })
  for (const [record, expected] of [
    [[], /must be a JSON object/],
    ['x', /must be a JSON object/],
    [{ ...good, id: '' }, /must have an id/],
    [{ ...good, id: '../../x' }, /must have an id/],
    [{ ...good, modified: 'yesterday' }, /X-1 must say when it was modified/],
    [
      { ...good, affected: [{ package: { ecosystem: 'npm', name: 'x' }, ranges: [{ events: [{ fixed: 1 }] }] }] },
      /X-1 has a range whose fixed is no version/,
    ],
    [
      { ...good, affected: [{ package: { ecosystem: 'npm', name: 'x' }, versions: Array(100_001).fill('1') }] },
      /lists versions: 100001, more than 100000/,
    ],
  ] as const) {
    assert.throws(
      () => parseOsvRecord(record),
      (error) => error instanceof RegistryError && error.kind === 'invalid' && expected.test(error.message),
    )
  }
})

test('no JSON breaks the reading, and no range or version the matching', () => {
  const [npm] = formats.filter(({ id }) => id === 'npm')
  const event = fc.record({
    introduced: fc.option(fc.string()),
    fixed: fc.option(fc.string()),
    last_affected: fc.option(fc.string()),
    limit: fc.option(fc.string()),
  })
  const affected = fc.record({
    package: fc.record({
      ecosystem: fc.constantFrom('npm', 'PyPI', 'Maven', 'NuGet', 'RubyGems', 'crates.io', 'SwiftURL', 'Go'),
      name: fc.string(),
    }),
    ranges: fc.array(
      fc.record({
        type: fc.constantFrom('SEMVER', 'ECOSYSTEM', 'GIT', 'x'),
        events: fc.oneof(fc.array(event), fc.jsonValue()),
      }),
    ),
    versions: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
    severity: fc.jsonValue(),
    database_specific: fc.jsonValue(),
  })
  const record = fc.record({
    id: fc.constant('X-1'),
    modified: fc.constant('2024-01-01T00:00:00Z'),
    aliases: fc.jsonValue(),
    summary: fc.jsonValue(),
    details: fc.string(),
    severity: fc.array(
      fc.record({ type: fc.string(), score: fc.oneof(fc.string(), fc.constant('CVSS:3.1/AV:N/AC:L')) }),
    ),
    references: fc.jsonValue(),
    affected: fc.oneof(fc.array(affected), fc.jsonValue()),
  })
  fc.assert(
    fc.property(fc.oneof(record, fc.jsonValue()), fc.string(), (value, version) => {
      try {
        for (const { format, advisory } of packageAdvisories(parseOsvRecord(value), parts)) {
          const names = formats.find(({ id }) => id === format)?.names ?? npm!.names
          createAffectedTest(names, advisory.affected)(version)
          assert.ok(!/\p{C}/u.test(advisory.summary) && URL.canParse(advisory.url))
        }
      } catch (error) {
        if (!(error instanceof RegistryError) || error.kind !== 'invalid') throw error
      }
    }),
    { numRuns: 2000 },
  )
})
