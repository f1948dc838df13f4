import type { Scenario } from './steps.ts'

const team = { repository: 'team', format: 'npm' }

export const identityScenarios: readonly Scenario[] = [
  {
    rows: [9],
    title: 'names that differ only by case are two packages',
    repositories: ['team'],
    steps: [
      'publish team @acme/AsyncStorage@1.0.0 -> 201',
      'publish team @acme/asyncstorage@1.0.0 -> 201',
      { op: 'ListPackages', in: team, out: { packages: [{ package: 'AsyncStorage' }, { package: 'asyncstorage' }] } },
    ],
  },
  {
    rows: [10, 11, 13],
    title: 'inputs that break a rule are refused',
    repositories: ['team'],
    steps: [
      {
        op: 'DescribePackage',
        in: { repository: 'team', format: 'maven', package: 'x' },
        fails: 'ValidationException',
      },
      { op: 'DescribePackage', in: { ...team, package: 'x'.repeat(256) }, fails: 'ValidationException' },
      { op: 'DescribePackage', in: { ...team, package: 'a#b' }, fails: 'ValidationException' },
      { op: 'ListPackages', in: { repository: 'team', namespace: 'types' }, fails: 'ValidationException' },
    ],
  },
  {
    rows: [12],
    title: 'a namespace is a prefix when packages are listed',
    repositories: ['team'],
    steps: [
      'publish team @types/node@1.0.0 -> 201',
      {
        op: 'ListPackages',
        in: { ...team, namespace: 'ty' },
        out: { packages: [{ namespace: 'types', package: 'node' }] },
      },
    ],
  },
  {
    rows: [14],
    title: 'a version of npm has one asset, with four hashes',
    repositories: ['team'],
    steps: [
      'publish team p@1.0.0 -> 201',
      {
        op: 'ListPackageVersionAssets',
        in: { ...team, package: 'p', packageVersion: '1.0.0' },
        out: { assets: [{ name: 'package.tgz' }] },
      },
    ],
  },
  {
    rows: [15],
    title: 'a call takes a hundred versions',
    repositories: ['team'],
    steps: [
      'publish team p@1.0.0 -> 201',
      {
        op: 'UpdatePackageVersionsStatus',
        in: {
          ...team,
          package: 'p',
          targetStatus: 'Archived',
          versions: Array.from({ length: 101 }, (_, n) => `1.0.${n}`),
        },
        fails: 'ValidationException',
      },
    ],
  },
]
