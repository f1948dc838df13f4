import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import type { Association } from '../../src/registry/group-association.ts'
import { type GroupPattern, packagePath, parseGroupPattern } from '../../src/registry/group-pattern.ts'
import { listGroups, listSubGroups } from '../../src/registry/group-lists.ts'
import { listAssociatedPackages } from '../../src/registry/group-packages.ts'
import { newGroupRow, readGroups } from '../../src/registry/group-rows.ts'
import type { PackageGroup, PlacedGroup } from '../../src/registry/group-settings.ts'
import { describeGroup, findAssociatedGroup } from '../../src/registry/groups.ts'
import { appearanceOf } from '../../src/registry/look-alike.ts'
import type { PackageName } from '../../src/registry/names.ts'
import type { Page, PageRequest } from '../../src/registry/pages.ts'
import { openRestrictions } from '../../src/registry/origin.ts'
import { ensurePackage } from '../../src/registry/record-version.ts'
import type { RepositoryNode } from '../../src/registry/topology.ts'
import { account, domain, openRegistry, type TestRegistry } from '../support/registry.ts'
import { withPostgres } from '../support/setups.ts'

/** Time for each database. Unit: ms. */
const TIME_MS = 5_000

test('whatever groups there are, each package is in the list of the one that the rules name (SQLite)', (t) =>
  run(t, undefined))

test('whatever groups there are, each package is in the list of the one that the rules name (PostgreSQL)', (t) =>
  withPostgres(t, (databaseUrl) => run(t, databaseUrl)))

/** Few letters, so that much looks alike and stands within something else. */
const part = fc
  .array(fc.constantFrom('a', 'b', 'A', '-', '.', '_', '1', 'l', 'ä', '+'), { minLength: 1, maxLength: 4 })
  .map((letters) => letters.join(''))
const packageName = fc.record({ namespace: fc.option(part, { nil: '' }), name: part })
const pattern = fc.oneof(
  fc.constantFrom('/npm/*', '/npm//*'),
  fc.tuple(part, fc.constantFrom('~', '/*')).map(([space, end]) => `/npm/${space}${end}`),
  fc
    .tuple(fc.option(part, { nil: '' }), part, fc.constantFrom('*', '~', '$'))
    .map(([space, name, end]) => `/npm/${space}/${name}${end}`),
)
const history = fc.record({
  names: fc.array(packageName, { minLength: 1, maxLength: 12 }),
  patterns: fc.array(pattern, { maxLength: 12 }),
  pageSize: fc.integer({ min: 1, max: 4 }),
})

async function run(t: TestContext, databaseUrl: string | undefined): Promise<void> {
  const registry = await openRegistry(t, databaseUrl === undefined ? {} : { databaseUrl })
  await registry.setUp('left', 'right')
  let runs = 0
  const property = fc.asyncProperty(history, async ({ names, patterns, pageSize }) => {
    runs += 1
    await compare(registry, names, await setUp(registry, { names, patterns }), pageSize)
  })
  await fc.assert(property, { numRuns: 10_000, interruptAfterTimeLimit: TIME_MS, markInterruptAsFailure: false })
  t.diagnostic(`${runs} histories`)
}

const inDomain = { owner: account, domain }

interface Given {
  readonly names: readonly { readonly namespace: string; readonly name: string }[]
  readonly patterns: readonly string[]
}

/** Whatever was there goes. Each name in two repositories, as it counts once. In one transaction, to make many. */
async function setUp({ parts }: TestRegistry, { names, patterns }: Given): Promise<string[]> {
  const made = new Map(patterns.flatMap(parsed).map((pattern) => [pattern.text, pattern]))
  await parts.metadata.write(async ({ tx, touch }) => {
    const { id } = await tx.selectFrom('domains').select('id').executeTakeFirstOrThrow()
    const repositories = await tx.selectFrom('repositories').select(['id', 'name']).execute()
    await tx.deleteFrom('packages').execute()
    await tx.deleteFrom('package_groups').where('pattern', '!=', '/*').execute()
    const groups = Array.from(made.values(), (each) => newGroupRow(parts, id, { pattern: each, mode: 'INHERIT' }))
    if (groups.length > 0) await tx.insertInto('package_groups').values(groups).execute()
    for (const { id: repositoryId, name } of repositories) {
      const node = { id: repositoryId, repository: { name, domain: { id } } } as RepositoryNode
      for (const each of names) {
        await ensurePackage({ tx, touch }, parts, node, { format: 'npm', ...each }, openRestrictions)
      }
    }
  })
  return ['/*', ...made.keys()]
}

function parsed(text: string): GroupPattern[] {
  try {
    return [parseGroupPattern(text)]
  } catch {
    return []
  }
}

async function compare(
  { parts }: TestRegistry,
  given: readonly { namespace: string; name: string }[],
  patterns: readonly string[],
  size: number,
): Promise<void> {
  const names = [...new Map(given.map((name) => [`${name.namespace}/${name.name}`, name])).values()]
  const groups = await all((page) => listGroups(parts, inDomain, '', page), size)
  assert.deepEqual(groups.map(textOf).toSorted(), patterns.toSorted())
  const { id } = await parts.metadata.db.selectFrom('domains').select('id').executeTakeFirstOrThrow()
  const directory = await readGroups(parts.metadata.db, id)
  const expected = new Map(patterns.map((text) => [text, [] as string[]]))
  for (const each of names) {
    const name: PackageName = { format: 'npm', ...each }
    const rule = naiveAssociation(patterns, packagePath(name))
    assert.equal(show(directory.associate(packagePath(name))), rule)
    assert.equal(show(await findAssociatedGroup(parts, { ...inDomain, package: name })), rule)
    const [text = '', strength] = rule.split(' ')
    expected.get(text)?.push(`${packagePath(name)} ${strength}`)
  }
  for (const text of patterns) {
    const address = { ...inDomain, pattern: text }
    const packages = await all((page) => listAssociatedPackages(parts, address, 'existing', page), size)
    const found = packages.map((each) => `${packagePath(each.name)} ${each.strength}`)
    assert.deepEqual(found.toSorted(), expected.get(text)?.toSorted(), `packages of ${text} of ${patterns.join(' ')}`)
    const described = await describeGroup(parts, address)
    const above = naiveAbove(patterns, text)
    assert.deepEqual(described.above.map(({ pattern: { text: one } }) => one).toSorted(), above.toSorted())
    assert.deepEqual(groups.find((one) => textOf(one) === text)?.above.map(patternOf), described.above.map(patternOf))
    const below = await all((page) => listSubGroups(parts, address, page), size)
    const parents = patterns.filter((one) => naiveAbove(patterns, one).toSorted(byLength)[0] === text)
    assert.deepEqual(below.map(textOf).toSorted(), parents.toSorted(), `below ${text} of ${patterns.join(' ')}`)
  }
}

function patternOf({ pattern: { text } }: PackageGroup): string {
  return text
}

function textOf({ group }: PlacedGroup): string {
  return patternOf(group)
}

function show({ group, strength }: Association<PackageGroup>): string {
  return `${group.pattern.text} ${strength}`
}

async function all<Item>(list: (page: PageRequest) => Promise<Page<Item>>, size: number): Promise<Item[]> {
  const found: Item[] = []
  let page: Page<Item> | undefined
  do {
    page = await list({ size, ...(page?.next === undefined ? {} : { after: page.next }) })
    assert.ok(page.items.length <= size)
    found.push(...page.items)
  } while (page.next !== undefined)
  return found
}

/** The rules, one after the other. Source: CodeArtifact User Guide, "Package group definition syntax". */
function matches(text: string, path: string, look: (text: string) => string): boolean {
  const body = look(text.slice(0, -1))
  const seen = look(path)
  if (text.endsWith('$')) return seen === body
  const isWord = text.endsWith('~') && /^[\p{L}\p{N}\p{M}]/u.test(seen.slice(body.length))
  return seen.startsWith(body) && !isWord
}

const asIs = (text: string) => text

function naiveAssociation(patterns: readonly string[], path: string): string {
  const candidates = patterns.filter((text) => matches(text, path, appearanceOf))
  const key = (text: string) => [
    -appearanceOf(text.slice(0, -1)).length,
    '$~*'.indexOf(text.slice(-1)),
    matches(text, path, asIs) ? 0 : 1,
  ]
  const [picked = ''] = candidates.toSorted((left, right) => {
    const [a, b] = [key(left), key(right)]
    const at = a.findIndex((value, index) => value !== b[index])
    return at === -1 ? (left < right ? -1 : 1) : a[at]! - b[at]!
  })
  return `${picked} ${matches(picked, path, asIs) ? 'STRONG' : 'WEAK'}`
}

/** Those that take in everything that this one does: tried with names that go on in every way. */
function naiveAbove(patterns: readonly string[], text: string): string[] {
  const body = text.slice(0, -1)
  const ends = { $: [''], '~': ['', '.x', '/x'], '*': ['', '.x', '/x', 'x'] }[text.slice(-1)] ?? []
  return patterns.filter((other) => other !== text && ends.every((end) => matches(other, body + end, asIs)))
}

/** Longer, or as long and narrower. */
function byLength(left: string, right: string): number {
  return right.length - left.length || '$~*'.indexOf(left.slice(-1)) - '$~*'.indexOf(right.slice(-1))
}
