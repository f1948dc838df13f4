/** Plain data, for whoever checks that NuGet's packages come through whole. */

/** What is written, and the key that it has here. Source: what NuGet's own library answers. */
export const versionKeys: Readonly<Record<string, string>> = {
  '1': '1.0.0',
  '1.0': '1.0.0',
  '1.00': '1.0.0',
  '1.0.0.0': '1.0.0',
  '01.1.0': '1.1.0',
  '1.01.1': '1.1.1',
  '1.00.0.1': '1.0.0.1',
  '1.0.01.0': '1.0.1',
  '12.0.03.0': '12.0.3',
  '1.2.3.4-rc': '1.2.3.4-rc',
  '1.0.7+r3456': '1.0.7',
  '1.0.0-Beta': '1.0.0-beta',
  '1.0.0--': '1.0.0--',
  ' 1.0 ': '1.0.0',
  '1. 0': '1.0.0',
  '2147483647.0.0': '2147483647.0.0',
}

export const notVersions: readonly string[] = [
  '',
  ' ',
  '1.0.0-beta.01',
  '1.0.0-',
  '1.0-',
  'v1.0',
  '1.0.0-a..b',
  '1.0.0-a_b',
  '1.2.3.4.5',
  '2147483648.0.0',
  '1.0.0+',
  '1.0.0+a..b',
  '-1.0',
  '1..0',
  '1.*',
]

/** Lowest first. */
export const orderedVersions: readonly string[] = [
  '1.0.0-2',
  '1.0.0-11',
  '1.0.0-a10',
  '1.0.0-A9',
  '1.0.0-alpha',
  '1.0.0-alpha.1',
  '1.0.0-alpha.beta',
  '1.0.0-BETA',
  '1.0.0-beta.2',
  '1.0.0-beta.11',
  '1.0.0-rc.1',
  '1.0.0',
  '1.0.0.1',
  '1.0.1',
  '1.1',
  '1.10',
  '2.0',
]

/** What is written, and what stands in a registration. */
export const ranges: Readonly<Record<string, string>> = {
  '': '(, )',
  '1.0': '[1.0.0, )',
  '[1.0]': '[1.0.0, 1.0.0]',
  '(1.0,)': '(1.0.0, )',
  '(,1.0]': '(, 1.0.0]',
  '(,1.0)': '(, 1.0.0)',
  '[1.0,2.0)': '[1.0.0, 2.0.0)',
  '[1.0.0, 2.0.0)': '[1.0.0, 2.0.0)',
  '(, )': '(, )',
  '(,)': '(, )',
  '[2.0,1.0]': '[2.0.0, 1.0.0]',
  '(1.0)': '(1.0.0, 1.0.0)',
  '1.0.0-Beta+m': '[1.0.0-Beta, )',
}

export const notRanges: readonly string[] = [
  '1.*',
  '*',
  '[1.0',
  '1.0]',
  '[]',
  '[1.0,2.0,3.0]',
  'latest',
  '>=1.0',
  '[a,b]',
]

export const refusedIds: readonly string[] = ['', '.a', 'a.', 'a..b', 'a b', 'a/b', 'ünï', 'a+b', '-a', 'x'.repeat(101)]
