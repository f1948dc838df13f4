import type { Selectable } from 'kysely'
import { pathKey } from '../registry/group-keys.ts'
import { type GroupPattern, packagePath, parseGroupPattern } from '../registry/group-pattern.ts'
import type { PackageName } from '../registry/names.ts'
import type { GovernanceRuleTable } from '../storage/metadata/governance-tables.ts'

export const ruleModes = ['monitor', 'enforce'] as const
/** `monitor`: what the rule would hold is written down, and given. */
export type RuleMode = (typeof ruleModes)[number]

/** A rule of a domain, as it stands. Times: ms since 1970. */
export interface Rule {
  readonly id: string
  /** How people and messages call it; one of its domain's. */
  readonly name: string
  readonly kind: string
  readonly mode: RuleMode
  readonly scope: RuleScope
  /** As its kind wants them; they have been checked. */
  readonly parameters: Readonly<Record<string, unknown>>
  readonly description: string
  /** Whom to ask; '' where nobody said. */
  readonly contact: string
  /** Counts from 1, with each change. */
  readonly version: number
  readonly createdAt: number
  /** ARNs of principals. */
  readonly createdBy: string
  readonly updatedAt: number
  readonly updatedBy: string
}

/** What a rule is about. Of a repository: what it gives, and what comes through it to repositories before it. */
export type RuleScope =
  | { readonly type: 'domain' }
  | { readonly type: 'group'; readonly pattern: GroupPattern }
  | { readonly type: 'repository'; readonly repositoryId: string }

export function ruleOf(row: Selectable<GovernanceRuleTable>): Rule {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    mode: row.mode as RuleMode,
    scope: scopeOf(row.scope_type, row.scope),
    parameters: JSON.parse(row.parameters) as Rule['parameters'],
    description: row.description,
    contact: row.contact,
    version: row.version,
    createdAt: row.created_at,
    createdBy: row.created_by,
    updatedAt: row.updated_at,
    updatedBy: row.updated_by,
  }
}

function scopeOf(type: string, scope: string): RuleScope {
  if (type === 'group') return { type, pattern: parseGroupPattern(scope) }
  if (type === 'repository') return { type, repositoryId: scope }
  return { type: 'domain' }
}

export function scopeColumns(scope: RuleScope): { readonly scope_type: string; readonly scope: string } {
  switch (scope.type) {
    case 'domain':
      return { scope_type: scope.type, scope: '' }
    case 'group':
      return { scope_type: scope.type, scope: scope.pattern.text }
    case 'repository':
      return { scope_type: scope.type, scope: scope.repositoryId }
  }
}

/** Whether a group's rule is about a package: groups within the group, and look-alikes of none. */
export function isInGroup({ spellingKey }: GroupPattern, name: PackageName): boolean {
  return pathKey(packagePath(name)).startsWith(spellingKey)
}
