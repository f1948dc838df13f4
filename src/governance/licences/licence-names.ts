/**
 * What publishers write instead of an SPDX identifier, in lower case, without "the", "license", "version" and what stands
 * between words. Only names that mean one licence: "BSD" and "GPL" do not. Source: PyPI's trove classifiers, the names in
 * public POMs and gemspecs, and the SPDX licence list for what they are called there.
 */
const licencesByName: ReadonlyMap<string, string> = new Map([
  ...same('0BSD', '0bsd', 'bsd zero clause', 'zero clause bsd'),
  ...same('AFL-3.0', 'afl 3.0', 'academic free 3.0'),
  ...same(
    'AGPL-3.0-only',
    'agpl 3',
    'agpl 3.0',
    'agplv3',
    'gnu affero general public v3',
    'gnu agpl 3',
    'gnu affero general public 3.0',
  ),
  ...same('AGPL-3.0-or-later', 'agpl 3+', 'agplv3+', 'gnu affero general public v3 or later agplv3+'),
  ...same('Apache-1.1', 'apache 1.1', 'apache software 1.1'),
  ...same(
    'Apache-2.0',
    'apache 2',
    'apache 2.0',
    'apache v2',
    'apache v2.0',
    'apache2',
    'apache2.0',
    'apache software 2.0',
    'apache software 2',
    'apache v2 0',
    'asl 2.0',
    'al2.0',
    'apache 2.0 asl',
    'apache software v2',
    'apache software v2.0',
  ),
  ...same('Artistic-2.0', 'artistic 2.0', 'artistic 2'),
  ...same(
    'BSD-2-Clause',
    'bsd 2 clause',
    'simplified bsd',
    'bsd 2',
    'freebsd',
    'bsd 2 clause simplified',
    '2 clause bsd',
  ),
  ...same(
    'BSD-3-Clause',
    'bsd 3 clause',
    'new bsd',
    'revised bsd',
    'modified bsd',
    'bsd 3',
    '3 clause bsd',
    'bsd new',
    'bsd 3 clause new or revised',
    'eclipse distribution 1.0',
    'eclipse distribution v. 1.0',
    'edl 1.0',
    'eclipse distribution v1.0',
  ),
  ...same('BSL-1.0', 'boost software 1.0', 'boost software 1.0 bsl 1.0', 'boost 1.0', 'bsl 1.0'),
  ...same(
    'CC0-1.0',
    'cc0',
    'cc0 1.0',
    'cc0 1.0 universal',
    'cc0 1.0 universal cc0 1.0 public domain dedication',
    'creative commons zero',
  ),
  ...same(
    'CC-BY-4.0',
    'cc by 4.0',
    'creative commons attribution 4.0',
    'creative commons attribution 4.0 international',
  ),
  ...same(
    'CDDL-1.0',
    'cddl 1.0',
    'common development and distribution 1.0',
    'cddl',
    'common development and distribution 1.0 cddl 1.0',
  ),
  ...same('CDDL-1.1', 'cddl 1.1'),
  ...same('CPL-1.0', 'common public 1.0', 'cpl 1.0'),
  ...same('EPL-1.0', 'epl 1.0', 'eclipse public 1.0', 'eclipse public 1.0 epl 1.0', 'eclipse public v1.0'),
  ...same(
    'EPL-2.0',
    'epl 2.0',
    'eclipse public 2.0',
    'eclipse public v2.0',
    'eclipse public 2.0 epl 2.0',
    'eclipse public v. 2.0',
  ),
  ...same('EUPL-1.2', 'eupl 1.2', 'european union public 1.2', 'european union public licence 1.2 eupl 1.2'),
  ...same(
    'GPL-2.0-only',
    'gpl 2',
    'gpl 2.0',
    'gplv2',
    'gnu gpl 2',
    'gnu gpl v2',
    'gnu general public v2',
    'gnu general public 2',
    'gnu general public 2.0',
    'gnu general public v2 gplv2',
  ),
  ...same('GPL-2.0-or-later', 'gpl 2+', 'gplv2+', 'gnu general public v2 or later gplv2+'),
  ...same(
    'GPL-2.0-only WITH Classpath-exception-2.0',
    'gpl2 w/ cpe',
    'gpl 2.0 with classpath exception',
    'gnu general public 2 with classpath exception',
  ),
  ...same(
    'GPL-3.0-only',
    'gpl 3',
    'gpl 3.0',
    'gplv3',
    'gnu gpl 3',
    'gnu gpl v3',
    'gnu general public v3',
    'gnu general public 3',
    'gnu general public 3.0',
    'gnu general public v3 gplv3',
  ),
  ...same('GPL-3.0-or-later', 'gpl 3+', 'gplv3+', 'gnu general public v3 or later gplv3+'),
  ...same('HPND', 'historical permission notice and disclaimer hpnd', 'historical permission notice and disclaimer'),
  ...same('ISC', 'isc', 'isc iscl'),
  ...same('LGPL-2.1-only', 'lgpl 2.1', 'lgplv2.1', 'gnu lesser general public 2.1', 'gnu lesser general public v2.1'),
  ...same('LGPL-2.1-or-later', 'lgpl 2.1+', 'lgplv2.1+'),
  ...same('LGPL-2.0-or-later', 'gnu lesser general public v2 or later lgplv2+'),
  ...same(
    'LGPL-3.0-only',
    'lgpl 3',
    'lgpl 3.0',
    'lgplv3',
    'gnu lesser general public 3',
    'gnu lesser general public v3',
    'gnu lesser general public v3 lgplv3',
    'gnu lesser general public 3.0',
  ),
  ...same('LGPL-3.0-or-later', 'lgpl 3+', 'lgplv3+', 'gnu lesser general public v3 or later lgplv3+'),
  ...same('MIT', 'mit', 'expat', 'mit expat', 'mit x11'),
  ...same('MIT-0', 'mit 0', 'mit no attribution', 'mit no attribution mit 0'),
  ...same('MPL-1.1', 'mpl 1.1', 'mozilla public 1.1', 'mozilla public 1.1 mpl 1.1'),
  ...same('MPL-2.0', 'mpl 2.0', 'mpl 2', 'mpl v2', 'mpl2', 'mozilla public 2.0', 'mozilla public 2.0 mpl 2.0'),
  ...same('MS-PL', 'ms pl', 'microsoft public'),
  ...same('OFL-1.1', 'ofl 1.1', 'sil open font 1.1', 'sil open font 1.1 ofl 1.1'),
  ...same('PSF-2.0', 'psf', 'psf 2.0', 'python software foundation', 'psfl'),
  ...same('Python-2.0', 'python 2.0'),
  ...same('Ruby', 'ruby', "ruby's"),
  ...same('Unlicense', 'unlicense', 'unlicense unlicense'),
  ...same('UPL-1.0', 'upl 1.0', 'universal permissive upl', 'universal permissive 1.0'),
  ...same('WTFPL', 'wtfpl', 'do what the fuck you want to public'),
  ...same('Zlib', 'zlib', 'zlib/libpng', 'zlib libpng'),
  ...same('ZPL-2.1', 'zpl 2.1', 'zope public 2.1', 'zope public'),
])

function same(id: string, ...names: readonly string[]): (readonly [string, string])[] {
  return names.map((name) => [name, id] as const)
}

/** Where licences stand, without scheme and `www.`. */
const licencesByAddress: readonly (readonly [RegExp, string | ((found: RegExpExecArray) => string)])[] = [
  [/^licenses\.nuget\.org\/([^?#]+)$/, ([, text = '']) => decoded(text)],
  [/^spdx\.org\/licenses\/([\w.+-]+?)(?:\.html|\.txt|\.json)?$/, ([, id = '']) => id],
  [/^apache\.org\/licenses\/license-2\.0(?:\.html|\.txt)?$/i, 'Apache-2.0'],
  [/^opensource\.org\/licen[cs]es?\/apache-?2\.0/i, 'Apache-2.0'],
  [/^opensource\.org\/licen[cs]es?\/(?:mit|mit-license(?:\.php|\.html)?)\/?$/i, 'MIT'],
  [/^opensource\.org\/licen[cs]es?\/bsd-2-clause/i, 'BSD-2-Clause'],
  [/^opensource\.org\/licen[cs]es?\/bsd-3-clause/i, 'BSD-3-Clause'],
  [/^opensource\.org\/licen[cs]es?\/isc/i, 'ISC'],
  [
    /^gnu\.org\/licenses\/(?:old-licenses\/)?(a?gpl|lgpl)-(\d\.\d)(?:\.[a-z.]+)?$/i,
    ([, kind = '', number = '']) => `${kind.toUpperCase()}-${number}-only`,
  ],
  [/^mozilla\.org\/(?:en-us\/)?mpl\/2\.0/i, 'MPL-2.0'],
  [/^eclipse\.org\/legal\/epl-v10(?:\.html)?$/i, 'EPL-1.0'],
  [/^eclipse\.org\/legal\/epl-(?:v20|2\.0)/i, 'EPL-2.0'],
  [/^eclipse\.org\/org\/documents\/edl-v10/i, 'BSD-3-Clause'],
  [/^creativecommons\.org\/publicdomain\/zero\/1\.0/i, 'CC0-1.0'],
  [/^unlicense\.org\/?$/i, 'Unlicense'],
  [/^boost\.org\/license_1_0\.txt$/i, 'BSL-1.0'],
]

/** An expression, or undefined for an address that says nothing. */
export function licenceAt(address: string): string | undefined {
  const plain = address.trim().replace(/^https?:\/\/(?:www\.)?/i, '')
  for (const [pattern, licence] of licencesByAddress) {
    const found = pattern.exec(plain)
    if (found) return typeof licence === 'string' ? licence : licence(found)
  }
  return undefined
}

/** An expression, or undefined for a name that means no one licence. Also of a name with its short form in brackets. */
export function licenceCalled(name: string): string | undefined {
  const [, long = '', short = ''] = /^([^()]*)\(([^()]*)\)\s*$/.exec(name) ?? []
  return findName(name) ?? findName(long) ?? findName(short)
}

function findName(name: string): string | undefined {
  const plain = name
    .toLowerCase()
    .replace(/\b(?:the|licen[cs]ed?|version|ver\.?|under)\b/g, ' ')
    .replace(/[\s,;:()"“”_-]+/g, ' ')
    .trim()
  return licencesByName.get(plain)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
