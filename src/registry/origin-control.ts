import { packagePath } from './group-pattern.ts'
import { effectiveSetting, type GroupRestriction, groupRestrictions, permits } from './group-settings.ts'
import type { HeldPackage } from './held-versions.ts'
import type { OriginRestrictions } from './model.ts'
import type { PackageName } from './names.ts'
import { openRestrictions, publishedRestrictions, retainedRestrictions } from './origin.ts'
import type { RepositoryNode, Topology } from './topology.ts'

/** What says no, where a package may not come in. */
export type Refusal =
  /** The package's own origin configuration in this repository. */
  | { readonly by: 'package'; readonly control: 'publish' | 'upstream' }
  /** A setting of its group, or of the one that the group inherits it from. */
  | { readonly by: 'group'; readonly restriction: GroupRestriction; readonly group: string; readonly source: string }
  /** The name only looks like what this group names. */
  | { readonly by: 'look-alike'; readonly group: string }
  /** The name is the domain's own, by what this repository holds of it. */
  | { readonly by: 'owner'; readonly repository: string }

/** Where a version would come from. */
export type Direction = 'publish' | 'upstream' | 'external'

const restrictionOf = {
  publish: 'PUBLISH',
  upstream: 'INTERNAL_UPSTREAM',
  external: 'EXTERNAL_UPSTREAM',
} as const satisfies Record<Direction, GroupRestriction>

/** What package and group say about one name in one domain. Source: User Guide, "Package origin controls". */
export interface NameControls {
  /** The package's own setting in a repository, which is asked at every repository on the way. */
  packageRefusal(restrictions: OriginRestrictions, direction: Direction): Refusal | undefined
  /** The group's setting, which is asked where a version would be kept. */
  groupRefusal(node: RepositoryNode, direction: Direction): Refusal | undefined
  /** What the package's record starts with when its first version arrives in a repository so. */
  firstRestrictions(arrival: 'published' | 'retained'): OriginRestrictions
  /** Whether what a repository holds makes the name the domain's own. */
  isOwned(held: HeldPackage): boolean
}

export function controlsOf({ groups }: Pick<Topology, 'groups'>, name: PackageName): NameControls {
  const { group, strength } = groups.associate(packagePath(name))
  const placed = { group, above: groups.above(group) }
  const isUnrestricted = () =>
    groupRestrictions.every((restriction) => effectiveSetting(placed, restriction).mode === 'ALLOW')
  return {
    packageRefusal(restrictions, direction) {
      const control = direction === 'publish' ? 'publish' : 'upstream'
      return restrictions[control] === 'BLOCK' ? { by: 'package', control } : undefined
    },
    groupRefusal(node, direction) {
      if (strength === 'WEAK') return { by: 'look-alike', group: group.pattern.text }
      const restriction = restrictionOf[direction]
      const setting = effectiveSetting(placed, restriction)
      if (permits(setting, node.id)) return undefined
      return { by: 'group', restriction, group: group.pattern.text, source: setting.source.pattern.text }
    },
    firstRestrictions(arrival) {
      if (!isUnrestricted()) return openRestrictions
      return arrival === 'published' ? publishedRestrictions : retainedRestrictions
    },
    isOwned({ restrictions, isDecided, origins }) {
      if (restrictions.publish === 'ALLOW' && restrictions.upstream === 'BLOCK') return true
      return origins === 'internal' && !isDecided && isUnrestricted()
    },
  }
}

/** For people: what says no, and how to change it. */
export function describeRefusal(refusal: Refusal, repository: string): string {
  switch (refusal.by) {
    case 'package':
      return `the package's origin control '${refusal.control}' is BLOCK in repository '${repository}'`
    case 'group': {
      const inherited = refusal.source === refusal.group ? '' : `, by '${refusal.source}',`
      return `package group '${refusal.group}'${inherited} does not allow ${refusal.restriction} for repository '${repository}'`
    }
    case 'look-alike':
      return `the name only looks like what package group '${refusal.group}' names; a package group of its own would allow it`
    case 'owner':
      return (
        `the name belongs to this domain, as repository '${refusal.repository}' holds it; ` +
        `allow upstream versions of it there to mix it with versions from outside`
      )
  }
}
