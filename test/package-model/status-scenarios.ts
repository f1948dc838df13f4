import type { Scenario } from './steps.ts'

const p = { repository: 'team', format: 'npm', package: 'p' }

function update(versions: readonly string[], targetStatus: string, more: object = {}) {
  return { op: 'UpdatePackageVersionsStatus', in: { ...p, versions, targetStatus, ...more } }
}

export const statusScenarios: readonly Scenario[] = [
  {
    rows: [21, 31, 169],
    title: 'a revision outlives changes of status, and each change is one event',
    repositories: ['team'],
    steps: [
      'publish team p@1.0.0 -> 201',
      { ...update(['1.0.0'], 'Archived'), out: { successfulVersions: { '1.0.0': { status: 'Archived' } } } },
      'get team p@1.0.0 -> 404 why=Archived',
      { ...update(['1.0.0'], 'Archived'), out: { successfulVersions: { '1.0.0': { status: 'Archived' } } } },
      { ...update(['1.0.0'], 'Published'), out: { successfulVersions: { '1.0.0': { status: 'Published' } } } },
      'get team p@1.0.0 -> 200 content=ours',
      'publish team p@1.0.0 -> 200',
      'events team p -> 1.0.0:Created:Published 1.0.0:Updated:Archived 1.0.0:Updated:Published',
    ],
  },
  {
    rows: [26],
    title: 'an Unlisted version is in no index and can be downloaded',
    repositories: ['team'],
    steps: [
      'publish team p@1.0.0 -> 201',
      'publish team p@1.1.0 -> 201',
      update(['1.1.0'], 'Unlisted'),
      'list team p -> 1.0.0 | latest=1.0.0',
      'get team p@1.1.0 -> 200',
    ],
  },
  {
    rows: [27, 30, 41],
    title: 'an Archived version is gone for clients, stays in lists, and is not published again',
    repositories: ['team'],
    steps: [
      'publish team p@1.0.0 -> 201',
      'publish team p@1.1.0 -> 201',
      update(['1.1.0'], 'Archived'),
      'get team p@1.1.0 -> 404',
      'list team p -> 1.0.0',
      'held team p -> 1.0.0:Published:INTERNAL 1.1.0:Archived:INTERNAL',
      'publish team p@1.1.0 -> 409',
      'publish team p@1.1.0 content=other -> 409',
    ],
  },
  {
    rows: [32],
    title: 'only three statuses can be asked for',
    repositories: ['team'],
    steps: [
      'publish team p@1.0.0 -> 201',
      { ...update(['1.0.0'], 'Unfinished'), fails: 'ValidationException' },
      { ...update(['1.0.0'], 'Disposed'), fails: 'ValidationException' },
    ],
  },
  {
    rows: [33, 34, 35],
    title: 'expectations that fail change nothing, in the words of the service',
    repositories: ['team'],
    steps: [
      'publish team p@4.0.0 -> 201',
      'publish team p@4.1.0 -> 201',
      {
        ...update(['4.0.0', '4.1.0'], 'Archived', { expectedStatus: 'Unlisted' }),
        out: {
          successfulVersions: {},
          failedVersions: {
            '4.0.0': {
              errorCode: 'MISMATCHED_STATUS',
              errorMessage: 'current status: Published, expected status: Unlisted',
            },
            '4.1.0': { errorCode: 'MISMATCHED_STATUS' },
          },
        },
      },
      {
        ...update(['4.0.0', '4.1.0', '9.9.9'], 'Archived'),
        out: {
          failedVersions: {
            '4.0.0': { errorCode: 'SKIPPED', errorMessage: 'version 4.0.0 is skipped' },
            '9.9.9': { errorCode: 'NOT_FOUND' },
          },
        },
      },
      {
        ...update(['4.1.0'], 'Archived', { versionRevisions: { '4.1.0': 'AAAA' } }),
        out: { failedVersions: { '4.1.0': { errorCode: 'MISMATCHED_REVISION' } } },
      },
      { ...update(['4.0.0'], 'Archived', { versionRevisions: { '4.1.0': 'AAAA' } }), fails: 'ValidationException' },
      'held team p -> 4.0.0:Published:INTERNAL 4.1.0:Published:INTERNAL',
    ],
  },
  {
    rows: [36, 37, 38, 39],
    title: 'a Disposed version keeps its record and can only be deleted',
    repositories: ['team'],
    steps: [
      'publish team p@1.0.0 -> 201',
      {
        op: 'DisposePackageVersions',
        in: { ...p, versions: ['1.0.0'], expectedStatus: 'Unlisted' },
        out: { failedVersions: { '1.0.0': { errorCode: 'MISMATCHED_STATUS' } } },
      },
      {
        op: 'DisposePackageVersions',
        in: { ...p, versions: ['1.0.0'], expectedStatus: 'Published' },
        out: { successfulVersions: { '1.0.0': { status: 'Disposed' } } },
      },
      { op: 'ListPackageVersionAssets', in: { ...p, packageVersion: '1.0.0' }, out: { assets: [] } },
      {
        op: 'DescribePackageVersion',
        in: { ...p, packageVersion: '1.0.0' },
        out: { packageVersion: { status: 'Disposed' } },
      },
      'get team p@1.0.0 -> 404',
      { ...update(['1.0.0'], 'Published'), out: { failedVersions: { '1.0.0': { errorCode: 'NOT_ALLOWED' } } } },
      { op: 'DescribeDomain', in: {}, out: { domain: { assetSizeBytes: 0 } } },
      {
        op: 'DeletePackageVersions',
        in: { ...p, versions: ['1.0.0'] },
        out: { successfulVersions: { '1.0.0': { status: 'Deleted' } } },
      },
      'events team p -> 1.0.0:Created:Published 1.0.0:Updated:Disposed 1.0.0:Deleted:Disposed',
      'publish team p@1.0.0 content=anew -> 201',
    ],
  },
  {
    rows: [40],
    title: 'what is disposed of here is still served there',
    repositories: ['store', 'team>store'],
    steps: [
      'publish store p@1.0.0 -> 201',
      'get team p@1.0.0 -> 200',
      { op: 'DisposePackageVersions', in: { ...p, versions: ['1.0.0'] } },
      'get store p@1.0.0 -> 200 content=ours',
      'get team p@1.0.0 -> 404',
    ],
  },
  {
    rows: [43],
    title: 'a package goes with its versions, an event for each, and answers what it was',
    repositories: ['team'],
    steps: [
      'publish team p@1.0.0 -> 201',
      'publish team p@1.1.0 -> 201',
      {
        op: 'DeletePackage',
        in: p,
        out: {
          deletedPackage: {
            package: 'p',
            originConfiguration: { restrictions: { publish: 'ALLOW', upstream: 'BLOCK' } },
          },
        },
      },
      { op: 'DescribePackage', in: p, fails: 'ResourceNotFoundException' },
      'events team p -> 1.0.0:Created:Published 1.1.0:Created:Published 1.0.0:Deleted:Published 1.1.0:Deleted:Published',
    ],
  },
  {
    rows: [44],
    title: 'of versions to delete, one that is missing fails for itself',
    repositories: ['team'],
    steps: [
      'publish team p@1.0.0 -> 201',
      {
        op: 'DeletePackageVersions',
        in: { ...p, versions: ['1.0.0', '2.0.0'] },
        out: {
          successfulVersions: { '1.0.0': { status: 'Deleted' } },
          failedVersions: { '2.0.0': { errorCode: 'NOT_FOUND' } },
        },
      },
      'held team p -> nothing',
    ],
  },
]
