import type { GroupDirectory } from './group-association.ts'
import type { GroupPattern } from './group-pattern.ts'

/** What a package group may restrict, and how. Source: CodeArtifact service model, the enums of the same name. */
export const groupRestrictions = ['PUBLISH', 'EXTERNAL_UPSTREAM', 'INTERNAL_UPSTREAM'] as const
export type GroupRestriction = (typeof groupRestrictions)[number]

export const groupModes = ['ALLOW', 'ALLOW_SPECIFIC_REPOSITORIES', 'BLOCK', 'INHERIT'] as const
export type GroupMode = (typeof groupModes)[number]

export interface GroupSetting {
  readonly mode: GroupMode
  /** Ids of the repositories that are allowed while the mode is ALLOW_SPECIFIC_REPOSITORIES; kept in other modes. */
  readonly repositoryIds: ReadonlySet<string>
}

export type GroupSettings = Readonly<Record<GroupRestriction, GroupSetting>>

/** A package group of a domain. Time: ms since 1970. */
export interface PackageGroup {
  readonly id: string
  readonly pattern: GroupPattern
  readonly description: string
  readonly contactInfo: string
  readonly createdAt: number
  readonly settings: GroupSettings
}

export type PackageGroups = GroupDirectory<PackageGroup>

/** A group and those that hold all of it, the nearest first; the last is the root. */
export interface PlacedGroup {
  readonly group: PackageGroup
  readonly above: readonly PackageGroup[]
}

/** What applies, and the group that says so. */
export interface EffectiveSetting extends GroupSetting {
  readonly mode: Exclude<GroupMode, 'INHERIT'>
  readonly source: PackageGroup
}

/** The setting of the nearest group, from this one towards the root, that does not inherit. */
export function effectiveSetting({ group, above }: PlacedGroup, restriction: GroupRestriction): EffectiveSetting {
  for (const source of [group, ...above]) {
    const { mode, repositoryIds } = source.settings[restriction]
    if (mode !== 'INHERIT') return { mode, repositoryIds, source }
  }
  throw new Error(`package group ${group.pattern.text} has no root above it`)
}

/** Whether a setting lets this repository do what it is about. */
export function permits({ mode, repositoryIds }: EffectiveSetting, repositoryId: string): boolean {
  switch (mode) {
    case 'ALLOW':
      return true
    case 'BLOCK':
      return false
    case 'ALLOW_SPECIFIC_REPOSITORIES':
      return repositoryIds.has(repositoryId)
  }
}
