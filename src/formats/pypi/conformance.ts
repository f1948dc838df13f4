import type { VersionFacts } from '../../registry/model.ts'

/** A project version that a Python build could have made, and what must be read from it. */
export interface SampleProject {
  /** As its own metadata spells it. */
  readonly name: string
  readonly version: string
  readonly normalName: string
  /** Further lines of METADATA, before the description. */
  readonly metadata: readonly string[]
  readonly facts: Omit<VersionFacts, 'displayName'>
  readonly readme: string | undefined
}

/** Plain data, for whoever checks that Python's packages come through whole. */
export const sampleProjects: readonly SampleProject[] = [
  {
    name: 'plain',
    version: '1.0',
    normalName: 'plain',
    metadata: [],
    facts: { licenses: [], dependencies: [] },
    readme: undefined,
  },
  {
    name: 'Pigeon_CLI',
    version: '2.0rc1',
    normalName: 'pigeon-cli',
    metadata: [
      'Summary: Carries letters',
      'License-Expression: Apache-2.0 OR MIT',
      'Project-URL: Home Page, https://pigeon.example/',
      'Project-URL: Source, https://git.example/pigeon',
      'Requires-Python: >=3.8,<4',
      'Requires-Dist: Plain>=1',
      "Requires-Dist: other.thing[extra] (~=2.0); python_version < '3.12'",
      'Requires-Dist: direct @ https://files.example/direct-1.0.tar.gz',
      'Provides-Extra: dev',
    ],
    facts: {
      summary: 'Carries letters',
      homePage: 'https://pigeon.example/',
      sourceCodeRepository: 'https://git.example/pigeon',
      licenses: [{ name: 'Apache-2.0 OR MIT' }],
      dependencies: [
        { package: 'plain', dependencyType: 'Requires-Dist', versionRequirement: '>=1' },
        {
          package: 'other-thing',
          dependencyType: 'Requires-Dist',
          versionRequirement: "[extra] (~=2.0); python_version < '3.12'",
        },
        {
          package: 'direct',
          dependencyType: 'Requires-Dist',
          versionRequirement: '@ https://files.example/direct-1.0.tar.gz',
        },
      ],
    },
    readme: '# Pigeon\n\nÜber all.\n',
  },
  {
    name: 'old.style',
    version: '0.1.post2+local.7',
    normalName: 'old-style',
    metadata: [
      'Home-page: https://old.example/',
      'License: UNKNOWN',
      'Classifier: License :: OSI Approved :: BSD License',
      'Classifier: Private :: Do Not Upload',
    ],
    facts: { homePage: 'https://old.example/', licenses: [{ name: 'BSD License' }], dependencies: [] },
    readme: 'plain text',
  },
]
