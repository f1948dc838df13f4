import type { VersionFacts } from '../../registry/model.ts'

/** A package version that npm could have made, and what must be read from it. */
export interface SamplePackage {
  readonly name: string
  readonly version: string
  /** Further fields of package.json. */
  readonly manifest?: Readonly<Record<string, unknown>>
  /** Further files, by path below the package's folder. */
  readonly files?: Readonly<Record<string, string>>
  readonly facts: Pick<VersionFacts, 'displayName' | 'licenses' | 'dependencies'>
  readonly readme: string | undefined
}

/** Plain data, for whoever checks that npm's packages come through whole. */
export const samplePackages: readonly SamplePackage[] = [
  {
    name: 'plain',
    version: '1.0.0',
    facts: { displayName: 'plain', licenses: [], dependencies: [] },
    readme: undefined,
  },
  {
    name: '@acme/scoped',
    version: '2.0.0-rc.1',
    manifest: {
      license: 'Apache-2.0',
      dependencies: { plain: '^1.0.0', '@acme/other': '*' },
      peerDependencies: { host: '>=2' },
      optionalDependencies: { native: '1' },
      devDependencies: { tester: '~3' },
    },
    files: { 'README.md': '# Scoped\n' },
    facts: {
      displayName: '@acme/scoped',
      licenses: [{ name: 'Apache-2.0' }],
      dependencies: [
        { package: 'plain', dependencyType: 'regular', versionRequirement: '^1.0.0' },
        { namespace: 'acme', package: 'other', dependencyType: 'regular', versionRequirement: '*' },
        { package: 'native', dependencyType: 'optional', versionRequirement: '1' },
        { package: 'host', dependencyType: 'peer', versionRequirement: '>=2' },
        { package: 'tester', dependencyType: 'dev', versionRequirement: '~3' },
      ],
    },
    readme: '# Scoped\n',
  },
  {
    name: 'CamelCase',
    version: '0.0.1',
    manifest: { licenses: [{ type: 'MIT', url: 'https://acme.example/license' }], scripts: { postinstall: 'true' } },
    files: { readme: 'old style', 'npm-shrinkwrap.json': '{}', 'bin/deep/run.js': '0' },
    facts: {
      displayName: 'CamelCase',
      licenses: [{ name: 'MIT', url: 'https://acme.example/license' }],
      dependencies: [],
    },
    readme: 'old style',
  },
]

/** Versions as npm orders them, lowest first; some of them only an upstream would hold. */
export const orderedVersions: readonly string[] = [
  '0.0.1-0',
  '0.0.1',
  '1.0.0-alpha',
  '1.0.0-alpha.1',
  '1.0.0-alpha.beta',
  '1.0.0-beta.2',
  '1.0.0-beta.11',
  '1.0.0-rc.1',
  '1.0.0',
  'v1.0.1',
  '1.2.0',
  '1.10.0',
  '10.0.0',
]

/** Commands of npm that a repository must answer, once a sample has been published. `{spec}` is `name@version`. */
export const clientCommands: readonly string[] = [
  'ping',
  'whoami',
  'view {spec} --json',
  'pack {spec}',
  'install {spec}',
]
