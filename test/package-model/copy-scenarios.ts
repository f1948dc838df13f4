import type { Scenario } from './steps.ts'

const p = { sourceRepository: 'src', destinationRepository: 'dst', format: 'npm', package: 'p' }

function copy(versions: readonly string[], more: object = {}) {
  return { op: 'CopyPackageVersions', in: { ...p, versions, ...more } }
}

export const copyScenarios: readonly Scenario[] = [
  {
    rows: [46],
    title: 'when one version is missing, none is copied',
    repositories: ['src', 'dst'],
    steps: [
      'publish src p@0.2.0 -> 201',
      {
        ...copy(['0.2.0', '5.6.7']),
        out: {
          successfulVersions: {},
          failedVersions: {
            '0.2.0': { errorCode: 'SKIPPED', errorMessage: 'Version 0.2.0 was skipped' },
            '5.6.7': { errorCode: 'NOT_FOUND', errorMessage: 'Could not find version 5.6.7' },
          },
        },
      },
      'held dst p -> no package',
    ],
  },
  {
    rows: [47, 53],
    title: 'what is there already is in neither list; tags come along',
    repositories: ['src', 'dst'],
    steps: [
      'publish src p@0.2.0 tag=next -> 201',
      'publish src p@0.2.1 -> 201',
      { ...copy(['0.2.1']), out: { successfulVersions: { '0.2.1': { status: 'Published' } } } },
      'list dst p -> 0.2.1 | latest=0.2.1',
      {
        ...copy(['0.2.1', '0.2.0']),
        out: { successfulVersions: { '0.2.0': { status: 'Published' } }, failedVersions: {} },
      },
      'list dst p -> 0.2.0 0.2.1 | latest=0.2.1 next=0.2.0',
      'publish dst p@0.3.0 -> 201',
      'list dst p -> 0.2.0 0.2.1 0.3.0 | latest=0.3.0 next=0.2.0',
      'publish src p@0.2.2 -> 201',
      copy(['0.2.2']),
      'list dst p -> 0.2.0 0.2.1 0.2.2 0.3.0 | latest=0.2.2 next=0.2.0',
      'events dst p -> 0.2.1:Created:Published 0.2.0:Created:Published 0.3.0:Created:Published 0.2.2:Created:Published',
    ],
  },
  {
    rows: [48, 49],
    title: 'what differs is refused, or overwritten',
    repositories: ['src', 'dst'],
    steps: [
      'publish src p@0.2.1 -> 201',
      'publish src p@0.3.2 content=theirs -> 201',
      'publish dst p@0.3.2 content=mine -> 201',
      {
        ...copy(['0.3.2', '0.2.1']),
        out: {
          successfulVersions: {},
          failedVersions: {
            '0.3.2': { errorCode: 'ALREADY_EXISTS', errorMessage: 'Version 0.3.2 already exists' },
            '0.2.1': { errorCode: 'SKIPPED' },
          },
        },
      },
      'get dst p@0.3.2 -> 200 content=mine',
      {
        ...copy(['0.3.2', '0.2.1'], { allowOverwrite: true }),
        out: { successfulVersions: { '0.3.2': {}, '0.2.1': {} } },
      },
      'get dst p@0.3.2 -> 200 content=theirs',
      'get dst p@0.2.1 -> 200',
      'events dst p -> 0.3.2:Created:Published 0.3.2:Updated:Published 0.2.1:Created:Published',
    ],
  },
  {
    rows: [50, 51, 54],
    title: 'a copy names versions or revisions, of repositories that are there',
    repositories: ['src', 'dst'],
    steps: [
      'publish src p@1.0.0 -> 201',
      { op: 'CopyPackageVersions', in: p, fails: 'ValidationException' },
      { ...copy(['1.0.0'], { versionRevisions: { '1.0.0': 'AAAA' } }), fails: 'ValidationException' },
      {
        op: 'CopyPackageVersions',
        in: { ...p, versionRevisions: { '1.0.0': 'AAAA' } },
        out: { failedVersions: { '1.0.0': { errorCode: 'MISMATCHED_REVISION' } } },
      },
      { ...copy(['1.0.0'], { destinationRepository: 'elsewhere' }), fails: 'ResourceNotFoundException' },
      { ...copy(['1.0.0'], { package: 'unknown' }), fails: 'ResourceNotFoundException' },
    ],
  },
  {
    rows: [52],
    title: 'upstreams of the source are looked at when asked for',
    repositories: ['far+E', 'src>far', 'dst'],
    steps: [
      'publish far p@1.0.0 -> 201',
      'outside copied-52@2.0.0',
      { ...copy(['1.0.0']), fails: 'ResourceNotFoundException' },
      {
        ...copy(['1.0.0'], { includeFromUpstream: true }),
        out: { successfulVersions: { '1.0.0': { status: 'Published' } } },
      },
      'held dst p -> 1.0.0:Published:INTERNAL',
      'held src p -> no package',
      copy(['2.0.0'], { package: 'copied-52', includeFromUpstream: true }),
      'held dst copied-52 -> 2.0.0:Published:EXTERNAL',
      'held far copied-52 -> 2.0.0:Published:EXTERNAL',
      'held src copied-52 -> no package',
      'get dst copied-52@2.0.0 -> 200 outside',
    ],
  },
  {
    rows: [55, 56],
    title: 'a copy is placed though the version is public, and keeps its origin',
    repositories: ['src', 'dst+E'],
    steps: [
      'outside patched-55@1.0.0',
      'publish src patched-55@1.0.0 content=patched -> 201',
      { ...copy(['1.0.0'], { package: 'patched-55' }), out: { successfulVersions: { '1.0.0': {} } } },
      'get dst patched-55@1.0.0 -> 200 content=patched',
      {
        op: 'DescribePackageVersion',
        in: { repository: 'dst', format: 'npm', package: 'patched-55', packageVersion: '1.0.0' },
        out: { packageVersion: { origin: { originType: 'INTERNAL', domainEntryPoint: { repositoryName: 'src' } } } },
      },
    ],
  },
]
