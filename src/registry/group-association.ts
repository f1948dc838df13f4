import { keyPrefixes, pathAppearanceKey, pathKey } from './group-keys.ts'
import type { GroupPattern } from './group-pattern.ts'

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
  /** `path` as `packagePath` makes it. */
  associate(path: string): Association<Group>
  /** The groups that hold all of this one, the smallest first; none for the root. */
  above(group: Group): readonly Group[]
}

/** At most one look-up for each length that some group's key has, however many groups there are. */
export function createGroupDirectory<Group extends PatternHolder>(groups: readonly Group[]): GroupDirectory<Group> {
  const bySpelling = new Map(groups.map((group) => [group.pattern.spellingKey, group]))
  const byAppearance = Map.groupBy(groups, (group) => group.pattern.appearanceKey)
  const lengths = longestFirst([...byAppearance.keys()])
  const lineages = new Map<string, readonly Group[]>()
  return {
    associate(path) {
      const key = pathAppearanceKey(path)
      for (const length of lengths) {
        const claimants = length > key.length ? undefined : byAppearance.get(key.slice(0, length))
        if (claimants) return pickClaimant(claimants, path)
      }
      throw new Error(`no package group takes in ${path}`)
    },
    above({ pattern: { text, spellingKey } }) {
      const known = lineages.get(text)
      if (known) return known
      const found = keyPrefixes(spellingKey)
        .slice(0, -1)
        .map((prefix) => bySpelling.get(prefix))
      const lineage = found.filter((group) => group !== undefined).reverse()
      lineages.set(text, lineage)
      return lineage
    },
  }
}

/** Of groups that look the same, the one that is spelt as the path is; else the first by pattern, weakly. */
export function pickClaimant<Group extends PatternHolder>(
  claimants: readonly Group[],
  path: string,
): Association<Group> {
  const key = pathKey(path)
  const named = claimants.find(({ pattern }) => key.startsWith(pattern.spellingKey))
  if (named) return { group: named, strength: 'STRONG' }
  const first = claimants.reduce((left, right) => (right.pattern.text < left.pattern.text ? right : left))
  return { group: first, strength: 'WEAK' }
}

function longestFirst(texts: readonly string[]): number[] {
  return [...new Set(texts.map((text) => text.length))].toSorted((left, right) => right - left)
}
