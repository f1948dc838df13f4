/** Plain data, for whoever checks that crates come through whole. */

/** A crate that Cargo could have made. */
export interface SampleCrate {
  readonly name: string
  readonly version: string
  /** Its Cargo.toml below name and version. */
  readonly manifest: string
}

export const sampleCrates: readonly SampleCrate[] = [
  { name: 'plain', version: '1.0.0', manifest: '' },
  { name: 'Foo_Bar', version: '0.1.0-rc.1+build.5', manifest: 'license = "MIT"\ndescription = "Case is kept."\n' },
]

/** Versions as Cargo orders them, lowest first. */
export const orderedVersions: readonly string[] = [
  '0.0.1-0',
  '0.0.1-a',
  '0.0.1',
  '1.0.0-alpha',
  '1.0.0-alpha.1',
  '1.0.0-alpha.beta',
  '1.0.0-beta.2',
  '1.0.0-beta.11',
  '1.0.0-rc.1',
  '1.0.0',
  '1.0.0+build.5',
  '1.0.1',
  '1.2.0',
  '1.10.0',
  '10.0.0',
  '18446744073709551614.0.0',
  '18446744073709551615.0.0',
]

export const notVersions: readonly string[] = [
  '',
  '1',
  '1.0',
  '01.0.0',
  'v1.0.0',
  '1.0.0-',
  '1.0.0-01',
  '1.0.0+',
  '1.0.0 ',
]

export const requirements: readonly string[] = [
  '*',
  '^1.2.3',
  '1',
  '~0.4',
  '=1.0.0-rc.1',
  '>=1, <3',
  '1.*',
  '1.2.*',
  '> 1.0',
  '^0.1.0+x',
]

export const notRequirements: readonly string[] = ['', ',', '^', 'latest', '1.2.3.4', '>>1', '1 2', '=>1', '1.x.y.z']

/** Where the index keeps a name. */
export const indexPlaces: Readonly<Record<string, string>> = {
  a: '1/a',
  ab: '2/ab',
  abc: '3/a/abc',
  serde_json: 'se/rd/serde_json',
}

/** Names that no crate may be published under. */
export const refusedNames: readonly string[] = [
  '',
  '1st',
  '-x',
  '_x',
  'a b',
  'a.b',
  'ünï',
  'nul',
  'COM1',
  'x'.repeat(65),
]
