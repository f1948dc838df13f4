import type { Scenario } from './steps.ts'

function create(packageGroup: string) {
  return { op: 'CreatePackageGroup', in: { packageGroup } }
}

function configure(packageGroup: string, restrictions: object, add: object[] = []) {
  const input = { packageGroup, restrictions, addAllowedRepositories: add }
  return { op: 'UpdatePackageGroupOriginConfiguration', in: input }
}

function belongs(name: string, pattern: string, associationType: 'STRONG' | 'WEAK', format = 'npm') {
  const [namespace, bare] = name.includes('/') ? name.split('/') : [undefined, name]
  return {
    op: 'GetAssociatedPackageGroup',
    in: { format, package: bare, ...(namespace && { namespace }) },
    out: { packageGroup: { pattern }, associationType },
  }
}

const allow = { mode: 'ALLOW', effectiveMode: 'ALLOW' }

export const groupScenarios: readonly Scenario[] = [
  {
    rows: [104, 105, 119],
    title: 'a domain has a root group from birth, which stays',
    steps: [
      {
        op: 'ListPackageGroups',
        in: {},
        out: {
          packageGroups: [
            {
              pattern: '/*',
              originConfiguration: {
                restrictions: { PUBLISH: allow, EXTERNAL_UPSTREAM: allow, INTERNAL_UPSTREAM: allow },
              },
            },
          ],
        },
      },
      { op: 'DeletePackageGroup', in: { packageGroup: '/*' }, fails: 'ValidationException' },
      { ...create('/npm//x$'), out: { packageGroup: { pattern: '/npm//x$' } } },
    ],
  },
  {
    rows: [106, 107, 110, 111, 112, 118],
    title: 'the most specific group speaks for a package, which need not be there',
    steps: [
      ...[
        '/npm/*',
        '/npm/space/*',
        '/npm/space/foo~',
        '/npm//foo-bar$',
        '/npm//AsyncStorage$',
        '/npm//asyncstorage$',
        '/maven/com.anycompany~',
      ].map(create),
      belongs('space/foo', '/npm/space/foo~', 'STRONG'),
      belongs('space/foo-bar', '/npm/space/foo~', 'STRONG'),
      belongs('space/food', '/npm/space/*', 'STRONG'),
      belongs('react', '/npm/*', 'STRONG'),
      belongs('space/aui.components', '/npm/space/*', 'STRONG'),
      belongs('foobar', '/npm/*', 'STRONG'),
      belongs('AsyncStorage', '/npm//AsyncStorage$', 'STRONG'),
      belongs('asyncstorage', '/npm//asyncstorage$', 'STRONG'),
      belongs('com.anycompany.x/y', '/maven/com.anycompany~', 'STRONG', 'maven'),
      belongs('com.anycompanyx/y', '/*', 'STRONG', 'maven'),
    ],
  },
  {
    rows: [108, 109],
    title: 'a name that only looks like one of a group is refused from every side',
    repositories: ['main+E'],
    steps: [
      create('/npm//anycompany-spicy-client$'),
      configure('/npm//anycompany-spicy-client$', { PUBLISH: 'ALLOW' }),
      'publish main anycompany-spicy-client@1.0.0 -> 201',
      "publish main AnyCompany-spicy-client@1.0.0 -> 409 only looks like what package group '/npm//anycompany-spicy-client",
      'outside anycompany.spicy.client@1.0.0',
      'list main anycompany.spicy.client -> 404',
      'get main anycompany.spicy.client@1.0.0 -> 404 why=looks',
      belongs('anycompany.spicy.client', '/npm//anycompany-spicy-client$', 'WEAK'),
      create('/npm//anycompany.spicy.client$'),
      'get main anycompany.spicy.client@1.0.0 -> 200 outside',
    ],
  },
  {
    rows: [113],
    title: 'patterns that break the grammar are refused',
    steps: ['/npm/space/foo', '/maven//x$', '/pypi/ns/x$', '/python/*', '/pypi//Foo$'].map((packageGroup) => ({
      op: 'CreatePackageGroup',
      in: { packageGroup },
      fails: 'ValidationException',
    })),
  },
  {
    rows: [114, 115],
    title: 'settings are inherited, and inherited anew when a group goes',
    steps: [
      create('/npm/*'),
      create('/npm/space/*'),
      configure('/npm/*', { PUBLISH: 'BLOCK' }),
      {
        op: 'DescribePackageGroup',
        in: { packageGroup: '/npm/space/*' },
        out: {
          packageGroup: {
            originConfiguration: {
              restrictions: { PUBLISH: { effectiveMode: 'BLOCK', inheritedFrom: { pattern: '/npm/*' } } },
            },
          },
        },
      },
      { op: 'DeletePackageGroup', in: { packageGroup: '/npm/*' } },
      {
        op: 'DescribePackageGroup',
        in: { packageGroup: '/npm/space/*' },
        out: {
          packageGroup: {
            originConfiguration: {
              restrictions: { PUBLISH: { effectiveMode: 'ALLOW', inheritedFrom: { pattern: '/*' } } },
            },
          },
        },
      },
    ],
  },
  {
    rows: [116, 120],
    title: 'one way in: a connection for one repository, and its content for one other',
    repositories: ['door+E', 'team>door', 'stranger>door'],
    steps: [
      'outside door-116@1.0.0',
      create('/npm/*'),
      {
        ...configure(
          '/npm/*',
          {
            PUBLISH: 'BLOCK',
            EXTERNAL_UPSTREAM: 'ALLOW_SPECIFIC_REPOSITORIES',
            INTERNAL_UPSTREAM: 'ALLOW_SPECIFIC_REPOSITORIES',
          },
          [
            { repositoryName: 'door', originRestrictionType: 'EXTERNAL_UPSTREAM' },
            { repositoryName: 'team', originRestrictionType: 'INTERNAL_UPSTREAM' },
          ],
        ),
        out: {
          allowedRepositoryUpdates: { EXTERNAL_UPSTREAM: { ADDED: ['door'] }, INTERNAL_UPSTREAM: { ADDED: ['team'] } },
        },
      },
      'get stranger door-116@1.0.0 -> 404 why=INTERNAL_UPSTREAM',
      'get team door-116@1.0.0 -> 200 outside',
      'get stranger door-116@1.0.0 -> 404',
      'held door door-116 -> 1.0.0:Published:EXTERNAL',
      'publish team anything@1.0.0 -> 409 why=PUBLISH',
    ],
  },
  {
    rows: [117],
    title: 'a preview tells what a group would speak for',
    repositories: ['main'],
    steps: [
      'publish main foo@1.0.0 -> 201',
      'publish main Foo-x@1.0.0 -> 201',
      'publish main bar@1.0.0 -> 201',
      {
        op: 'ListAssociatedPackages',
        in: { packageGroup: '/npm//foo~', preview: true },
        out: {
          packages: [
            { package: 'foo', associationType: 'STRONG' },
            { package: 'Foo-x', associationType: 'WEAK' },
          ],
        },
      },
    ],
  },
]
