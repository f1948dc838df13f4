import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Hold } from '../../registry/holds/hold.ts'
import { type Choice, createChooser, type RetainedVersion } from './choose.ts'
import type { RetentionParameters } from './parameters.ts'

const DAY_MS = 86_400_000
const now = 1_000 * DAY_MS

/** `days`: since when it is here; `used`: days since its last use. */
function version(text: string, days: number, more: Partial<RetainedVersion> & { readonly used?: number } = {}) {
  const { used, ...given } = more
  return {
    id: text,
    contentId: text,
    version: text,
    status: 'Published',
    origin: { type: 'EXTERNAL', entryPoint: 'public:npmjs' },
    publishedAt: now - days * DAY_MS,
    arrivedAt: now - days * DAY_MS,
    lastUsedAt: used === undefined ? undefined : now - used * DAY_MS,
    isTagged: false,
    snapshot: undefined,
    isMutable: false,
    hold: undefined,
    ...given,
  } satisfies RetainedVersion
}

const own = { origin: { type: 'INTERNAL', entryPoint: 'team' } } as const

function choose(parameters: RetentionParameters, versions: readonly RetainedVersion[]): string[] {
  const chooser = createChooser(parameters, { now, repository: 'team' })
  return versions.map((each) => `${each.version} ${show(chooser(each))}`)
}

function show(choice: Choice): string {
  if (choice.kind === 'goes') return choice.action
  return choice.kind === 'kept' ? `kept by ${choice.by}` : choice.kind
}

test('only what nobody used for so long goes, and not before it is here for so long', () => {
  const versions = [
    version('5', 10),
    version('4', 200, { used: 89 }),
    version('3', 200, { used: 91 }),
    version('2', 200),
    // Published long ago, and fetched the other day.
    version('1', 2_000, { arrivedAt: now - DAY_MS }),
    version('0', 200, own),
  ]
  assert.deepEqual(choose({ unusedDays: 90 }, versions), [
    '5 kept by use',
    '4 kept by use',
    '3 delete',
    '2 delete',
    '1 kept by use',
    '0 other',
  ])
})

test('the newest are counted among those that the rule is about', () => {
  const versions = [version('4', 9, own), version('3-beta', 10), version('2', 11), version('1', 12)]
  assert.deepEqual(choose({ keepNewest: 1 }, versions), ['4 other', '3-beta kept by newest', '2 delete', '1 delete'])
  assert.deepEqual(choose({ keepNewest: 1, versions: ['1', '2'] }, versions).slice(1), [
    '3-beta other',
    '2 kept by newest',
    '1 delete',
  ])
})

test('builds of snapshots are counted for each snapshot, and other versions are left alone', () => {
  const build = (base: string, number: number) =>
    version(`${base}-20260101.10000${number}-${number}`, 20 - number, {
      ...own,
      status: 'Unlisted',
      snapshot: `${base}-SNAPSHOT`,
    })
  const versions = [
    version('1.0-SNAPSHOT', 10, { ...own, isMutable: true }),
    build('1.0', 3),
    build('1.1', 3),
    build('1.0', 2),
    build('1.1', 2),
    build('1.0', 1),
    version('0.9', 100, own),
  ]
  const parameters = { origins: 'inside', keepNewest: 2, keepNewestOf: 'snapshot', own: 'delete' } as const
  assert.deepEqual(
    choose(parameters, versions).filter((line) => line.endsWith('delete')),
    ['1.0-20260101.100001-1 delete'],
  )
  assert.match(choose({ origins: 'inside', unusedDays: 5 }, versions)[0] ?? '', /kept by use/)
})

test('own versions are disposed of where they were published, and deleted elsewhere', () => {
  const versions = [
    version('4', 10, own),
    version('3', 10, { origin: { type: 'INTERNAL', entryPoint: 'other' } }),
    version('2', 10, { ...own, status: 'Unfinished' }),
    version('1', 10, { ...own, status: 'Disposed' }),
  ]
  assert.deepEqual(choose({ origins: 'inside', olderThanDays: 5 }, versions), [
    '4 dispose',
    '3 delete',
    '2 delete',
    '1 other',
  ])
  assert.deepEqual(choose({ origins: 'inside', olderThanDays: 5, statuses: ['Disposed'] }, versions).at(-1), '1 delete')
})

test('tags, named versions and holds keep', () => {
  const hold = { against: 'retention' } as Hold
  const versions = [version('3', 10, { isTagged: true }), version('2.1', 10), version('1', 10, { hold })]
  const parameters = { olderThanDays: 5, keepVersions: ['2.*'] }
  assert.deepEqual(choose(parameters, versions), ['3 kept by tag', '2.1 kept by version', '1 kept by hold'])
  assert.deepEqual(choose({ ...parameters, tagged: 'remove' }, versions)[0], '3 delete')
})
