import { contains, type GroupPattern, matchesAppearance, matchesExactly } from './group-pattern.ts'
import { appearanceOf } from './look-alike.ts'

/** A group as far as association goes. */
export interface PatternHolder {
  readonly pattern: GroupPattern
}

/** WEAK: the package only looks like what the group names; nothing new of it comes in. */
export type AssociationStrength = 'STRONG' | 'WEAK'

export interface Association<Group> {
  readonly group: Group
  readonly strength: AssociationStrength
}

/** The groups of one domain, and which of them speaks for a package. Among them must be the root, `/*`. */
export interface GroupDirectory<Group extends PatternHolder> {
  /** By pattern, byte-wise. */
  readonly all: readonly Group[]
  find(pattern: string): Group | undefined
  /** `path` as `packagePath` makes it. `appearance`: what it looks like, where that is known. */
  associate(path: string, appearance?: string): Association<Group>
  /** The smallest group of these that holds all of this one; undefined for the root. */
  parentOf(group: Group): Group | undefined
  childrenOf(group: Group): readonly Group[]
}

/** At most one look-up for each length that some group's pattern has, however many groups there are. */
export function createGroupDirectory<Group extends PatternHolder>(groups: readonly Group[]): GroupDirectory<Group> {
  const all = groups.toSorted((left, right) => (left.pattern.text < right.pattern.text ? -1 : 1))
  const byText = new Map(all.map((group) => [group.pattern.text, group]))
  const byAppearance = Map.groupBy(all.toSorted(bySpecificity), (group) => group.pattern.appearance)
  const lengths = longestFirst([...byAppearance.keys()])
  const bodyLengths = longestFirst(all.map((group) => group.pattern.body))
  const parents = new Map<string, Group | undefined>()
  const parentOf = ({ pattern }: Group) => {
    const { text } = pattern
    if (!parents.has(text)) parents.set(text, findParent(byText, bodyLengths, pattern))
    return parents.get(text)
  }
  return {
    all,
    find: (pattern) => byText.get(pattern),
    associate(path, appearance = appearanceOf(path)) {
      for (const length of lengths) {
        if (length > appearance.length) continue
        const found = pick(byAppearance.get(appearance.slice(0, length)), path, appearance)
        if (found) return found
      }
      throw new Error(`no package group takes in ${path}`)
    },
    parentOf,
    childrenOf: (group) => all.filter((other) => contains(group.pattern, other.pattern) && parentOf(other) === group),
  }
}

/** Of groups that look the same: the narrower kind first, of one kind the one that is spelt as the path is. */
function pick<Group extends PatternHolder>(
  candidates: readonly Group[] | undefined,
  path: string,
  appearance: string,
): Association<Group> | undefined {
  let weak: Group | undefined
  for (const group of candidates ?? []) {
    if (weak && weak.pattern.end !== group.pattern.end) break
    if (matchesExactly(group.pattern, path)) return { group, strength: 'STRONG' }
    if (matchesAppearance(group.pattern, appearance)) weak ??= group
  }
  return weak && { group: weak, strength: 'WEAK' }
}

const narrowness = { $: 0, '~': 1, '*': 2 } as const

function bySpecificity({ pattern: left }: PatternHolder, { pattern: right }: PatternHolder): number {
  return narrowness[left.end] - narrowness[right.end]
}

function findParent<Group extends PatternHolder>(
  byText: ReadonlyMap<string, Group>,
  lengths: readonly number[],
  inner: GroupPattern,
): Group | undefined {
  for (const length of lengths) {
    if (length > inner.body.length) continue
    const body = inner.body.slice(0, length)
    for (const end of ['~', '*']) {
      const group = byText.get(`${body}${end}`)
      if (group && contains(group.pattern, inner)) return group
    }
  }
  return undefined
}

function longestFirst(texts: readonly string[]): number[] {
  return [...new Set(texts.map((text) => text.length))].toSorted((left, right) => right - left)
}
