import type { Scenario } from './steps.ts'

function allow(repository: string, name: string) {
  const restrictions = { publish: 'ALLOW', upstream: 'ALLOW' }
  return { op: 'PutPackageOriginConfiguration', in: { repository, format: 'npm', package: name, restrictions } }
}

function archive(repository: string, name: string, version: string, targetStatus = 'Archived') {
  const input = { repository, format: 'npm', package: name, versions: [version], targetStatus }
  return { op: 'UpdatePackageVersionsStatus', in: input }
}

/** `u26`, `u25>u26` … `r>u1`. */
const longChain = [
  'u26',
  ...Array.from({ length: 25 }, (_, index) => `u${25 - index}>u${26 - index}`),
  'main>u1',
] as const

export const upstreamScenarios: readonly Scenario[] = [
  {
    rows: [57],
    title: 'the search goes depth first',
    repositories: ['re', 'rd>re', 'rc', 'ra>rc,rd', 'rb', 'my>ra,rb'],
    steps: [
      'publish re p@1.0.0 content=e -> 201',
      'publish rb p@1.0.0 content=b -> 201',
      'get my p@1.0.0 -> 200 content=e',
    ],
  },
  {
    rows: [58, 59],
    title: 'the first upstream wins, and after a swap the other one',
    repositories: ['u1', 'u2', 'main>u1,u2'],
    steps: [
      'publish u1 p@1.0.0 content=one -> 201',
      'publish u2 p@1.0.0 content=two -> 201',
      'list main p -> 1.0.0',
      'upstreams main u2,u1',
      'get main p@1.0.0 -> 200 content=two',
    ],
  },
  {
    rows: [60],
    title: 'what was retained stays after a swap',
    repositories: ['u1', 'u2', 'main>u1,u2'],
    steps: [
      'publish u1 p@1.0.0 content=one -> 201',
      'publish u2 p@1.0.0 content=two -> 201',
      'get main p@1.0.0 -> 200 content=one',
      'upstreams main u2,u1',
      'get main p@1.0.0 -> 200 content=one',
    ],
  },
  {
    rows: [61, 63, 64, 166],
    title: 'what is fetched through a chain is kept where it was asked for',
    repositories: ['rc', 'rb>rc', 'ra>rb'],
    steps: [
      'publish rc p@1.0.0 -> 201',
      'get ra p@1.0.0 -> 200',
      'held ra p -> 1.0.0:Published:INTERNAL',
      'held rb p -> no package',
      'events rc p -> 1.0.0:Created:Published',
      'events ra p -> 1.0.0:Created:Published',
      { op: 'DeletePackageVersions', in: { repository: 'rc', format: 'npm', package: 'p', versions: ['1.0.0'] } },
      'get rb p@1.0.0 -> 404',
      'get ra p@1.0.0 -> 200',
      { op: 'UpdateRepository', in: { repository: 'rb', upstreams: [] } },
      { op: 'DeleteRepository', in: { repository: 'rc' } },
      'get ra p@1.0.0 -> 200 content=ours',
      'list ra p -> 1.0.0',
    ],
  },
  {
    rows: [62, 66, 67, 92, 167],
    title: 'what comes from outside is kept where it was asked for and where the connection is',
    repositories: ['rc+E', 'rb>rc', 'ra>rb'],
    steps: [
      'outside kept-62@1.0.0',
      'outside kept-62@1.1.0',
      'list ra kept-62 -> 1.0.0 1.1.0 | latest=1.1.0',
      'held ra kept-62 -> no package',
      'get ra kept-62@1.0.0 -> 200 outside',
      'held ra kept-62 -> 1.0.0:Published:EXTERNAL',
      'held rb kept-62 -> no package',
      'held rc kept-62 -> 1.0.0:Published:EXTERNAL',
      'events ra kept-62 -> 1.0.0:Created:Published',
      'events rc kept-62 -> 1.0.0:Created:Published',
      {
        op: 'DescribePackage',
        in: { repository: 'rc', format: 'npm', package: 'kept-62' },
        out: { package: { originConfiguration: { restrictions: { publish: 'BLOCK', upstream: 'ALLOW' } } } },
      },
    ],
  },
  {
    rows: [65],
    title: 'the API looks at the repository alone',
    repositories: ['base', 'main>base'],
    steps: [
      'publish base p@1.0.0 -> 201',
      {
        op: 'DescribePackageVersion',
        in: { repository: 'main', format: 'npm', package: 'p', packageVersion: '1.0.0' },
        fails: 'ResourceNotFoundException',
      },
    ],
  },
  {
    rows: [68, 69, 70],
    title: 'tags are merged, and the value from upstream wins',
    repositories: ['base', 'main>base'],
    steps: [
      'publish main p@1.0.0 -> 201',
      allow('main', 'p'),
      'publish base p@0.9.0 -> 201',
      'publish base p@1.0.1 tag=alpha -> 201',
      archive('base', 'p', '0.9.0', 'Unlisted'),
      'list main p -> 1.0.0 1.0.1 | latest=1.0.0 alpha=1.0.1',
      'publish base p@1.0.2 -> 201',
      'list main p -> 1.0.0 1.0.1 1.0.2 | latest=1.0.2 alpha=1.0.1',
      'publish main p@1.0.3 -> 201',
      'list main p -> 1.0.0 1.0.1 1.0.2 1.0.3 | latest=1.0.2 alpha=1.0.1',
      'get main p@1.0.3 -> 200',
    ],
  },
  {
    rows: [71],
    title: 'a version that is archived on the way is not looked for behind it',
    repositories: ['rc', 'rb>rc', 'ra>rb'],
    steps: [
      'publish rc p@1.0.0 -> 201',
      'get rb p@1.0.0 -> 200',
      archive('rb', 'p', '1.0.0'),
      'get ra p@1.0.0 -> 404 why=Archived',
      'list ra p -> 404',
      'get rc p@1.0.0 -> 200',
    ],
  },
  {
    rows: [72],
    title: 'the own status of a version decides',
    repositories: ['base', 'main>base'],
    steps: [
      'publish base p@1.0.0 -> 201',
      'get main p@1.0.0 -> 200',
      archive('main', 'p', '1.0.0', 'Unlisted'),
      'list main p -> 404',
      'list base p -> 1.0.0',
    ],
  },
  {
    rows: [73, 75],
    title: 'ten upstreams at most, none of them twice, and no circle',
    repositories: [...Array.from({ length: 11 }, (_, index) => `u${index}`), 'ra', 'rb>ra'],
    steps: [
      {
        op: 'UpdateRepository',
        in: {
          repository: 'ra',
          upstreams: Array.from({ length: 11 }, (_, index) => ({ repositoryName: `u${index}` })),
        },
        fails: 'ServiceQuotaExceededException',
      },
      {
        op: 'UpdateRepository',
        in: { repository: 'ra', upstreams: [{ repositoryName: 'rb' }] },
        fails: 'ValidationException',
      },
      {
        op: 'UpdateRepository',
        in: { repository: 'ra', upstreams: [{ repositoryName: 'ra' }] },
        fails: 'ValidationException',
      },
      {
        op: 'UpdateRepository',
        in: { repository: 'ra', upstreams: [{ repositoryName: 'nowhere' }] },
        fails: 'ResourceNotFoundException',
      },
    ],
  },
  {
    rows: [74],
    title: '25 upstream repositories are searched',
    repositories: longChain,
    steps: [
      'publish u26 far@1.0.0 -> 201',
      'publish u25 near@1.0.0 -> 201',
      'get main near@1.0.0 -> 200',
      'get main far@1.0.0 -> 404',
      'get u1 far@1.0.0 -> 200',
    ],
  },
  {
    rows: [76],
    title: 'a version that can be fetched is not published, the next one is',
    repositories: ['base', 'main>base'],
    steps: [
      'publish base p@1.0.0 -> 201',
      allow('main', 'p'),
      'publish main p@1.0.0 content=other -> 409',
      'publish main p@1.1.0 -> 201',
    ],
  },
  {
    rows: [77],
    title: 'generic packages are not looked for upstream',
    repositories: ['base', 'main>base'],
    steps: [
      {
        op: 'PublishPackageVersion',
        in: {
          repository: 'base',
          format: 'generic',
          namespace: 'n',
          package: 'p',
          packageVersion: '1',
          assetName: 'a',
          assetContent: Buffer.from('x'),
          assetSHA256: '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881',
        },
        out: { status: 'Published' },
      },
      {
        op: 'GetPackageVersionAsset',
        in: { repository: 'main', format: 'generic', namespace: 'n', package: 'p', packageVersion: '1', asset: 'a' },
        fails: 'ResourceNotFoundException',
      },
    ],
  },
  {
    rows: [78],
    title: 'an upstream that is taken away takes along what was not kept',
    repositories: ['base', 'main>base'],
    steps: [
      'publish base p@1.0.0 -> 201',
      'publish base p@1.1.0 -> 201',
      'get main p@1.0.0 -> 200',
      'upstreams main',
      'list main p -> 1.0.0',
      'get main p@1.1.0 -> 404',
      'get main p@1.0.0 -> 200',
    ],
  },
  {
    rows: [79, 90],
    title: 'the ten external connections, each of its format, and no other',
    repositories: ['main'],
    steps: [
      ...Object.entries({
        'public:npmjs': 'npm',
        'public:pypi': 'pypi',
        'public:nuget-org': 'nuget',
        'public:maven-central': 'maven',
        'public:maven-googleandroid': 'maven',
        'public:maven-gradleplugins': 'maven',
        'public:maven-commonsware': 'maven',
        'public:maven-clojars': 'maven',
        'public:ruby-gems-org': 'ruby',
        'public:crates-io': 'cargo',
      }).flatMap(([externalConnection, packageFormat]) => [
        {
          op: 'AssociateExternalConnection',
          in: { repository: 'main', externalConnection },
          out: { repository: { externalConnections: [{ packageFormat, status: 'AVAILABLE' }] } },
        },
        { op: 'DisassociateExternalConnection', in: { repository: 'main', externalConnection } },
      ]),
      {
        op: 'AssociateExternalConnection',
        in: { repository: 'main', externalConnection: 'public:swift' },
        fails: 'ResourceNotFoundException',
      },
    ],
  },
  {
    rows: [80],
    title: 'a second connection of the same format is refused in the words of the service',
    repositories: ['main+E'],
    steps: [
      {
        op: 'AssociateExternalConnection',
        in: { repository: 'main', externalConnection: 'public:npmjs' },
        fails: 'ValidationException',
        says: /ExternalConnections for repositories are currently limited to 1/,
      },
    ],
  },
  {
    rows: [81, 82],
    title: 'while the registry outside is down, what is kept is served, and the rest is unavailable, not missing',
    repositories: ['main+E'],
    steps: [
      'outside kept-81@1.0.0',
      'get main kept-81@1.0.0 -> 200',
      'down kept-81@1.0.0',
      'get main kept-81@1.0.0 -> 200 outside',
      'list main kept-81 -> 1.0.0',
      'outside unknown-82@1.0.0',
      'down unknown-82@1.0.0',
      'get main unknown-82@1.0.0 -> 503',
    ],
  },
  {
    rows: [83],
    title: 'an outside that cannot be asked does not object to a publish',
    repositories: ['main+E'],
    steps: ['outside public-83@1.0.0', 'down public-83@1.0.0', 'publish main public-83@1.0.0 -> 201'],
  },
  {
    rows: [84],
    title: 'what was kept stays when it is gone outside, and the rest goes with it',
    repositories: ['main+E'],
    steps: [
      'outside gone-84@1.0.0',
      'outside gone-84@1.1.0',
      'get main gone-84@1.0.0 -> 200',
      'list main gone-84 -> 1.0.0 1.1.0',
      'gone gone-84@1.0.0',
      'gone gone-84@1.1.0',
      'list main gone-84 -> 1.0.0',
      'get main gone-84@1.0.0 -> 200 outside',
      'get main gone-84@1.1.0 -> 404',
    ],
  },
  {
    rows: [],
    title: 'a version that was deleted comes back when an upstream still has it',
    repositories: ['base', 'main>base'],
    steps: [
      'publish base p@1.0.0 -> 201',
      'get main p@1.0.0 -> 200',
      { op: 'DeletePackageVersions', in: { repository: 'main', format: 'npm', package: 'p', versions: ['1.0.0'] } },
      'held main p -> nothing',
      'get main p@1.0.0 -> 200',
      'held main p -> 1.0.0:Published:INTERNAL',
    ],
  },
]
