import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formats } from '../../formats/index.ts'
import { type AffectedVersions, createAffectedTest, type RangeEvent } from '../../registry/affected-versions.ts'

interface Row {
  readonly ecosystem: string
  /** `>=1.0 <2.0`: introduced and fixed; `<=` last affected; `|` between ranges; `^` a limit; `=` a listed version. */
  readonly affected: string
  readonly inside: readonly string[]
  readonly outside: readonly string[]
}

/**
 * Ranges as advisories of each ecosystem have them, and what its own tools say of versions around their ends. Sources:
 * semver.org; PEP 440; Maven, "Version Order Specification"; NuGet, "Package versioning"; RubyGems, Gem::Version.
 */
const rows: readonly Row[] = [
  {
    ecosystem: 'npm',
    affected: '>=0 <4.17.21',
    inside: ['0.0.1', '4.17.20', '4.17.21-rc.1'],
    outside: ['4.17.21', '5.0.0', '4.17.21+build'],
  },
  {
    ecosystem: 'npm',
    affected: '>=1.0.0 <=1.2.3',
    inside: ['1.0.0', '1.2.3', '1.2.3+b', '1.2.3-a'],
    outside: ['1.0.0-rc.1', '1.2.4-0', '1.2.4'],
  },
  {
    ecosystem: 'npm',
    affected: '>=1.0.0-beta.2 <1.0.0-beta.11',
    inside: ['1.0.0-beta.2', '1.0.0-beta.10'],
    outside: ['1.0.0-beta', '1.0.0-beta.11', '1.0.0'],
  },
  {
    ecosystem: 'npm',
    affected: '>=1.0.0 <1.0.5 | >=2.0.0 <2.0.3',
    inside: ['1.0.4', '2.0.0'],
    outside: ['0.9.0', '1.0.5', '2.0.3'],
  },
  { ecosystem: 'npm', affected: '>=0', inside: ['0.0.0-a', '99999999999999999999.0.0'], outside: [] },
  { ecosystem: 'npm', affected: '=3.3.6 =4.0.1', inside: ['3.3.6', '4.0.1', 'v4.0.1'], outside: ['3.3.5', '4.0.1-1'] },
  {
    ecosystem: 'npm',
    affected: '>=1.0.0 ^2.0.0',
    inside: ['1.0.0', '1.9.9', '2.0.0-rc.1'],
    outside: ['2.0.0', '3.0.0'],
  },
  { ecosystem: 'npm', affected: '>=1.0.0 ^*', inside: ['1.0.0', '3.0.0'], outside: ['0.9.0'] },

  {
    ecosystem: 'PyPI',
    affected: '>=0 <2.0',
    inside: ['0.dev1', '1.0', '2.0rc1', '2.0.dev3', '2.0a1'],
    outside: ['2.0', '2.0.0', '2', '2.0.post1', '2.0+cu118', '1!0.1'],
  },
  {
    ecosystem: 'PyPI',
    affected: '>=1.0 <=1.4.0',
    inside: ['1', '1.0.0', 'v1.0', '1.4', '1.4.0'],
    outside: ['1.0rc1', '1.4.0.post1', '1.4.1'],
  },
  {
    ecosystem: 'PyPI',
    affected: '>=2022.1 <2022.12.7',
    inside: ['2022.06.15', '2022.6.15'],
    outside: ['2021.10.8', '2022.12.07', '2023.1'],
  },
  {
    ecosystem: 'PyPI',
    affected: '=1.0 =2.1.post1',
    inside: ['1.0.0', '2.1-1', '2.1.post1'],
    outside: ['1.0.1', '2.1'],
  },
  { ecosystem: 'PyPI', affected: '>=1.0 <1!0.5', inside: ['1.0', '500'], outside: ['1!0.5', '1!1'] },

  {
    ecosystem: 'Maven',
    affected: '>=2.0-beta9 <2.15.0',
    inside: ['2.0-beta9', '2.0', '2.14.1', '2.15.0-rc1', '2.15.0-SNAPSHOT'],
    outside: ['2.0-beta8', '2.0-alpha1', '2.15.0', '2.15', '2.15.0.Final'],
  },
  {
    ecosystem: 'Maven',
    affected: '>=0 <=5.3.17',
    inside: ['1.0', '5.3.17', '5.3.17.RELEASE', '5.3.17-M1'],
    outside: ['5.3.17-sp1', '5.3.18', '5.3.17.1'],
  },
  {
    ecosystem: 'Maven',
    affected: '>=31.0-jre <32.0.0-android',
    inside: ['31.1-jre', '32.0.0-alpha'],
    outside: ['32.0.0-jre', '32.0.1-android'],
  },
  {
    ecosystem: 'Maven',
    affected: '>=1.0.0 <1.0.0-1',
    inside: ['1.0.0', '1.0.0-ga'],
    outside: ['1.0.0-rc1', '1.0.0-1', '1.0.0-2'],
  },

  {
    ecosystem: 'NuGet',
    affected: '>=0 <13.0.1',
    inside: ['12.0.3', '13.0.1-beta1', '13.0.0.9'],
    outside: ['13.0.1', '13.0.1.0', '13.0.1.1'],
  },
  {
    ecosystem: 'NuGet',
    affected: '>=5.0.0-Preview.1 <=5.0.7',
    inside: ['5.0.0-preview.1', '5.0.0-PREVIEW.2', '5.0.7', '5.0.7.0'],
    outside: ['5.0.0-alpha', '5.0.7.1', '5.0.8-a'],
  },
  {
    ecosystem: 'NuGet',
    affected: '=4.3.0',
    inside: ['4.3.0', '4.3', '4.3.0.0', '4.3.0+sha'],
    outside: ['4.3.1', '4.3.0-rc'],
  },

  {
    ecosystem: 'RubyGems',
    affected: '>=0 <5.2.4.3',
    inside: ['5.2.4.2', '5.2.4.3.rc1', '4'],
    outside: ['5.2.4.3', '5.2.4.3.0', '5.2.4.3.1'],
  },
  {
    ecosystem: 'RubyGems',
    affected: '>=6.0.0.a <6.0.3.1',
    inside: ['6.0.0.a', '6.0.0.beta1', '6.0.0', '6.0.3'],
    outside: ['5.2.9', '6.0.3.1'],
  },
  { ecosystem: 'RubyGems', affected: '=1.0', inside: ['1.0', '1.0.0', '1'], outside: ['1.0.1', '1.0.pre'] },

  {
    ecosystem: 'crates.io',
    affected: '>=0.0.0-0 <0.7.1',
    inside: ['0.0.1', '0.7.0', '0.7.1-alpha', '0.0.0-0'],
    outside: ['0.7.1', '0.7.1+build', '1.0.0'],
  },
  {
    ecosystem: 'crates.io',
    affected: '>=1.0.0 <1.2.4 | >=1.3.0 <1.3.1',
    inside: ['1.2.3', '1.3.0'],
    outside: ['1.2.4', '1.2.9', '1.3.1'],
  },
  {
    ecosystem: 'crates.io',
    affected: '>=1.18446744073709551615.0 <2.0.0',
    inside: ['1.18446744073709551615.0'],
    outside: ['1.18446744073709551614.0'],
  },

  {
    ecosystem: 'SwiftURL',
    affected: '>=0 <2.29.1',
    inside: ['0.1.0', '2.29.1-rc.1', '2.29.0'],
    outside: ['2.29.1', '3.0.0'],
  },
  {
    ecosystem: 'SwiftURL',
    affected: '>=1.0.0 <=1.19.0',
    inside: ['1.19.0', '1.19.0+x'],
    outside: ['1.19.1', '1.20.0-a'],
  },
]

const kinds: Readonly<Record<string, RangeEvent['kind']>> = {
  '>=': 'introduced',
  '<=': 'last_affected',
  '<': 'fixed',
  '^': 'limit',
}

function read(text: string): AffectedVersions {
  const versions = [...text.matchAll(/(?<![<>])=(\S+)/g)].map(([, version = '']) => version)
  const ranges = text.split(' | ').map((range) => {
    return [...range.matchAll(/(>=|<=|<|\^)(\S+)/g)].map(([, sign = '', version = '']) => ({
      kind: kinds[sign]!,
      version,
    }))
  })
  return { ranges: ranges.filter((events) => events.length > 0), versions }
}

for (const { ecosystem, affected, inside, outside } of rows) {
  test(`${ecosystem} holds versions against ${affected} as its own tools do`, () => {
    const format = formats.find(({ advisories }) => advisories?.ecosystem === ecosystem)
    assert.ok(format, `${ecosystem} is served`)
    const known = read(affected)
    const isAffected = createAffectedTest(format.names, known)
    assert.deepEqual(
      inside.filter((version) => !isAffected(version)),
      [],
      'affected',
    )
    assert.deepEqual(
      outside.filter((version) => isAffected(version)),
      [],
      'not affected',
    )
    const reversed = { ...known, ranges: known.ranges.map((events) => events.toReversed()) }
    const again = createAffectedTest(format.names, reversed)
    assert.deepEqual([...inside, ...outside].filter(again), inside, 'in whatever order a record tells of its range')
  })
}

test('every ecosystem of a served format has rows here', () => {
  const served = formats.flatMap(({ advisories }) => advisories?.ecosystem ?? [])
  assert.deepEqual([...new Set(rows.map(({ ecosystem }) => ecosystem))].sort(), served.sort())
})
