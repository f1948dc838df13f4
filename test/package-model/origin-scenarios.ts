import type { Scenario } from './steps.ts'

function put(repository: string, name: string, publish: string, upstream: string) {
  const input = { repository, format: 'npm', package: name, restrictions: { publish, upstream } }
  return { op: 'PutPackageOriginConfiguration', in: input }
}

function has(repository: string, name: string, publish: string, upstream: string) {
  const out = { package: { originConfiguration: { restrictions: { publish, upstream } } } }
  return { op: 'DescribePackage', in: { repository, format: 'npm', package: name }, out }
}

function configure(packageGroup: string, restrictions: object, add: object[] = []) {
  const input = { packageGroup, restrictions, addAllowedRepositories: add }
  return { op: 'UpdatePackageGroupOriginConfiguration', in: input }
}

export const originScenarios: readonly Scenario[] = [
  {
    rows: [91, 96],
    title: 'a name that was first published is not taken from outside',
    repositories: ['main+E'],
    steps: [
      'publish main own-91@1.1.0 -> 201',
      has('main', 'own-91', 'ALLOW', 'BLOCK'),
      'outside own-91@3.0.0',
      'list main own-91 -> 1.1.0',
      'get main own-91@3.0.0 -> 404 why=upstream',
    ],
  },
  {
    rows: [93],
    title: 'where a group restricts a name, its first version leaves the package open',
    repositories: ['main'],
    steps: [
      configure('/*', { PUBLISH: 'ALLOW_SPECIFIC_REPOSITORIES' }, [
        { repositoryName: 'main', originRestrictionType: 'PUBLISH' },
      ]),
      'publish main p@1.0.0 -> 201',
      has('main', 'p', 'ALLOW', 'ALLOW'),
    ],
  },
  {
    rows: [94, 95],
    title: 'a name that came from outside is published to after its control was changed',
    repositories: ['main+E'],
    steps: [
      'outside theirs-94@3.0.0',
      'get main theirs-94@3.0.0 -> 200',
      has('main', 'theirs-94', 'BLOCK', 'ALLOW'),
      "publish main theirs-94@3.0.1 -> 409 origin control 'publish' is BLOCK in repository 'main'",
      put('main', 'theirs-94', 'ALLOW', 'BLOCK'),
      'publish main theirs-94@3.0.1 -> 201',
      'outside theirs-94@3.1.0',
      'list main theirs-94 -> 3.0.0 3.0.1',
      put('main', 'theirs-94', 'BLOCK', 'ALLOW'),
      'list main theirs-94 -> 3.0.0 3.0.1 3.1.0',
      'get main theirs-94@3.1.0 -> 200 outside',
    ],
  },
  {
    rows: [97, 98, 99, 100],
    title: 'a name can be closed before anybody uses it, and is open again when it is deleted',
    repositories: ['main+E'],
    steps: [
      'outside closed-97@1.0.0',
      put('main', 'closed-97', 'BLOCK', 'BLOCK'),
      {
        op: 'ListPackages',
        in: { repository: 'main', upstream: 'BLOCK' },
        out: { packages: [{ package: 'closed-97' }] },
      },
      { op: 'ListPackages', in: { repository: 'main', publish: 'ALLOW' }, out: { packages: [] } },
      'held main closed-97 -> nothing',
      'get main closed-97@1.0.0 -> 404 why=BLOCK',
      'publish main closed-97@2.0.0 -> 409',
      {
        op: 'PutPackageOriginConfiguration',
        in: { repository: 'main', format: 'npm', package: 'closed-97', restrictions: { publish: 'ALLOW' } },
        fails: 'ValidationException',
      },
      { op: 'DeletePackage', in: { repository: 'main', format: 'npm', package: 'closed-97' } },
      'publish main closed-97@2.0.0 -> 201',
      has('main', 'closed-97', 'ALLOW', 'BLOCK'),
    ],
  },
  {
    rows: [101],
    title: 'a version that is public is published where the outside is closed',
    repositories: ['main+E'],
    steps: [
      'outside same-101@1.0.0',
      put('main', 'same-101', 'ALLOW', 'BLOCK'),
      'publish main same-101@1.0.0 -> 201',
      'get main same-101@1.0.0 -> 200 content=ours',
    ],
  },
  {
    rows: [102, 103],
    title: 'of package and group, whichever says no is heard',
    repositories: ['main'],
    steps: [
      { op: 'CreatePackageGroup', in: { packageGroup: '/npm//blocked~' } },
      configure('/npm//blocked~', { PUBLISH: 'BLOCK' }),
      put('main', 'blocked-by-group', 'ALLOW', 'ALLOW'),
      "publish main blocked-by-group@1.0.0 -> 409 package group '/npm//blocked~' does not allow PUBLISH for repository 'main'",
      put('main', 'free', 'BLOCK', 'ALLOW'),
      'publish main free@1.0.0 -> 409 origin control',
    ],
  },
  {
    rows: [],
    title: 'after a publish of a public name, its public versions are not seen here any more',
    repositories: ['main+E'],
    steps: [
      'outside surprise@1.0.0',
      'list main surprise -> 1.0.0',
      'publish main surprise@9.9.9 -> 201',
      'list main surprise -> 9.9.9',
    ],
  },
  {
    rows: [],
    title: 'a name that a sibling repository owns is not looked for outside, until somebody allows it',
    repositories: ['team', 'store+E', 'main>team,store', 'other>store'],
    steps: [
      'publish team ours-7@1.0.0 -> 201',
      'outside ours-7@99.0.0',
      'list main ours-7 -> 1.0.0 | latest=1.0.0',
      "get main ours-7@99.0.0 -> 404 why=repository.'team'.holds.it",
      'list other ours-7 -> 99.0.0',
      put('team', 'ours-7', 'ALLOW', 'ALLOW'),
      'list main ours-7 -> 1.0.0 99.0.0',
    ],
  },
  {
    rows: [],
    title: 'a name that was kept from a repository that is gone stays the own name',
    repositories: ['team', 'store+E', 'main>team,store'],
    steps: [
      'publish team left-7@1.0.0 -> 201',
      'outside left-7@99.0.0',
      'get main left-7@1.0.0 -> 200 content=ours',
      'upstreams main store',
      'list main left-7 -> 1.0.0',
      'get main left-7@99.0.0 -> 404',
      put('main', 'left-7', 'BLOCK', 'ALLOW'),
      'list main left-7 -> 1.0.0 99.0.0',
    ],
  },
]
