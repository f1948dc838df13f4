import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RegistryError } from '../../registry/errors.ts'
import { loadSpdx, parseLicence, renderLicence } from './expression.ts'
import { judgeLicence, type LicencePolicy, type LicenceVerdict, licenceOf, parseEntry } from './licence-policy.ts'

const spdx = loadSpdx()

test('what publishers write is read as the SPDX expression that it means', () => {
  for (const [text, expected] of [
    ['MIT', 'MIT'],
    ['mit', 'MIT'],
    ['The MIT License (MIT)', 'MIT'],
    ['Apache License, Version 2.0', 'Apache-2.0'],
    ['Apache-2.0', 'Apache-2.0'],
    ['The Apache Software License, Version 2.0', 'Apache-2.0'],
    ['MIT/Apache-2.0', 'MIT OR Apache-2.0'],
    ['MIT OR Apache-2.0 AND Zlib', 'MIT OR Apache-2.0 AND Zlib'],
    ['(MIT OR Apache-2.0) AND Unicode-3.0', '(MIT OR Apache-2.0) AND Unicode-3.0'],
    ['Apache-2.0 WITH LLVM-exception', 'Apache-2.0 WITH LLVM-exception'],
    ['GPL-2.0', 'GPL-2.0-only'],
    ['GPL-2.0+', 'GPL-2.0-or-later'],
    ['LGPL-2.1-or-later', 'LGPL-2.1-or-later'],
    ['GNU General Public License v3 (GPLv3)', 'GPL-3.0-only'],
    ['GNU Lesser General Public License v3 or later (LGPLv3+)', 'LGPL-3.0-or-later'],
    ['BSD-3-Clause', 'BSD-3-Clause'],
    ['New BSD License', 'BSD-3-Clause'],
    ['BSD License', '"BSD License"'],
    ['MIT AND Something Own', 'MIT AND "Something Own"'],
    ['LicenseRef-acme', 'LicenseRef-acme'],
    ['SEE LICENSE IN LICENSE.txt', '"SEE LICENSE IN LICENSE.txt"'],
    ['UNLICENSED', '"UNLICENSED"'],
    ['NOASSERTION', 'unknown'],
    ['', 'unknown'],
    ['MIT OR', '"MIT OR"'],
    ['(MIT', 'MIT'],
  ] as const) {
    assert.equal(renderLicence(parseLicence(text, spdx)), expected, text)
  }
})

test('several licences are a choice or not, and addresses say what names do not', () => {
  const show = (
    licenses: readonly { name?: string; url?: string }[],
    several: 'any of them' | 'all of them' = 'all of them',
  ) => renderLicence(licenceOf({ licenses }, several, spdx))
  assert.equal(show([]), 'unknown')
  assert.equal(show([{ name: 'MIT' }, { name: 'EPL 2.0' }]), 'MIT AND EPL-2.0')
  assert.equal(
    show([{ name: 'CDDL 1.1' }, { name: 'GPL2 w/ CPE' }], 'any of them'),
    'CDDL-1.1 OR GPL-2.0-only WITH Classpath-exception-2.0',
  )
  assert.equal(show([{ name: 'License', url: 'http://www.apache.org/licenses/LICENSE-2.0.txt' }]), 'Apache-2.0')
  assert.equal(show([{ url: 'https://licenses.nuget.org/MIT%20OR%20Apache-2.0' }]), 'MIT OR Apache-2.0')
  assert.equal(show([{ url: 'https://www.gnu.org/licenses/old-licenses/gpl-2.0.html' }]), 'GPL-2.0-only')
  assert.equal(show([{ url: 'https://acme.example/terms' }]), '"https://acme.example/terms"')
})

function policyOf(given: { allow?: readonly string[]; deny?: readonly string[] }): LicencePolicy {
  return {
    allow: given.allow?.map((text) => parseEntry('allow', text, spdx)),
    deny: (given.deny ?? []).map((text) => parseEntry('deny', text, spdx)),
  }
}

test('an OR needs one allowed branch, an AND all its parts, and what is unknown stays so', () => {
  const rows: readonly (readonly [
    { allow?: readonly string[]; deny?: readonly string[] },
    Readonly<Record<string, LicenceVerdict>>,
  ])[] = [
    [
      { allow: ['MIT', 'Apache-2.0'] },
      {
        MIT: 'allowed',
        'MIT OR GPL-3.0-only': 'allowed',
        'MIT AND GPL-3.0-only': 'denied',
        '(MIT OR GPL-3.0-only) AND Apache-2.0': 'allowed',
        '(MIT OR GPL-3.0-only) AND ISC': 'denied',
        'Apache-2.0 WITH LLVM-exception': 'allowed',
        'BSD License': 'unknown',
        'BSD License OR MIT': 'allowed',
        'BSD License AND MIT': 'unknown',
        'BSD License AND ISC': 'denied',
        'BSD License OR ISC': 'unknown',
        '': 'unknown',
      },
    ],
    [
      { deny: ['GPL-*', 'AGPL-*', 'UNLICENSE'] },
      {
        MIT: 'allowed',
        'GPL-2.0+': 'denied',
        'GPL-3.0-only WITH GCC-exception-3.1': 'denied',
        'MIT OR AGPL-3.0': 'allowed',
        'MIT AND AGPL-3.0': 'denied',
        'LGPL-3.0-only': 'allowed',
        Unlicense: 'denied',
        'Own terms': 'unknown',
      },
    ],
    [
      { deny: ['GPL-2.0-only'], allow: ['GPL-2.0-only WITH Classpath-exception-2.0', 'name:BSD License'] },
      {
        'GPL-2.0-only': 'denied',
        'GPL-2.0 WITH Classpath-exception-2.0': 'allowed',
        'bsd  license': 'allowed',
        MIT: 'denied',
      },
    ],
    [
      { allow: ['GPL-2.0-only', 'Apache-1.1'] },
      { 'GPL-2.0-or-later': 'allowed', 'Apache-1.1+': 'allowed', 'GPL-3.0-or-later': 'denied' },
    ],
    [{ deny: ['name:UNLICENSED'] }, { UNLICENSED: 'denied', 'SEE LICENSE IN x': 'unknown' }],
  ]
  for (const [given, verdicts] of rows) {
    const found = Object.keys(verdicts).map((text) => [text, judgeLicence(parseLicence(text, spdx), policyOf(given))])
    assert.deepEqual(Object.fromEntries(found), verdicts, JSON.stringify(given))
  }
})

test('a list says which entry it cannot read', () => {
  for (const text of ['', 'Apache', 'MIT OR ISC', 'GPL', '*', 'name:']) {
    assert.throws(
      () => parseEntry('parameters.allow.0', text, spdx),
      (error) =>
        error instanceof RegistryError &&
        error.message.startsWith(`parameters.allow.0 '${text}' must be an SPDX identifier`),
    )
  }
})

test('no text breaks the reading, and rendering it again changes nothing', () => {
  const piece = fc.constantFrom(
    'MIT',
    'GPL-2.0+',
    'Apache-2.0 WITH LLVM-exception',
    '(',
    ')',
    ' AND ',
    ' OR ',
    '/',
    ' with ',
    'x',
    ' ',
    '"',
    '\n',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((parts) => parts.join('')),
      ),
      (text) => {
        const licence = parseLicence(text, spdx)
        const verdict = judgeLicence(licence, policyOf({ allow: ['MIT'] }))
        assert.ok(['allowed', 'denied', 'unknown'].includes(verdict))
        const shown = renderLicence(licence)
        if (!shown.includes('"') && shown !== 'unknown') assert.equal(renderLicence(parseLicence(shown, spdx)), shown)
      },
    ),
    { numRuns: 1000 },
  )
})
