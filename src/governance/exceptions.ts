import Type from 'typebox'
import { pathKey } from '../registry/group-keys.ts'
import { packagePath, parseGroupPattern } from '../registry/group-pattern.ts'
import type { PackageName } from '../registry/names.ts'

export const patternsSchema = Type.Array(
  Type.String({ rule: 'must be a pattern of package groups, as "/npm/acme/*"' }),
  {
    maxItems: 100,
    rule: 'must be a list of at most 100 patterns of package groups',
  },
)

export const exceptParameter = Type.Optional(patternsSchema)

/** Whether one of the patterns takes in the package, as it is spelt. */
export function isExcepted(patterns: readonly string[] | undefined, name: PackageName): boolean {
  if (!patterns || patterns.length === 0) return false
  const key = pathKey(packagePath(name))
  return patterns.some((pattern) => key.startsWith(parseGroupPattern(pattern).spellingKey))
}
