import { type Context, resolve, splitAtColons, type Template, textOf } from './template.ts'
import { matches } from './wildcards.ts'

/** Colons in front of an ARN's last part, which may hold more of them. */
const COLONS = 5

/**
 * Whether an ARN is covered: the first five parts one by one, the rest as one text, so that `*` spans `/` in it but never
 * leaves its part. `shortForm` says what a pattern of fewer parts means: `arn:aws:codeartifact:*`.
 * Source: IAM User Guide, "Resource"; for the short form a widely used simulator.
 */
export function matchesArn(
  template: Template,
  subject: string,
  context: Context,
  shortForm: 'open' | 'open after wildcard' = 'open',
): boolean {
  const pattern = resolve(template, context)
  if (pattern === undefined) return false
  if (textOf(pattern) === '*' && pattern[0]?.kind === 'many') return true
  const parts = splitAtColons(pattern, COLONS)
  const subjectParts = splitSubject(subject)
  if (subjectParts.length !== COLONS + 1) return parts.length === 1 && matches(pattern, subject)
  if (parts.length < COLONS + 1 && !mayBeShort(parts, shortForm)) return false
  return parts.every((part, index) => matches(part, subjectParts[index] ?? ''))
}

function mayBeShort(parts: readonly Template[], shortForm: 'open' | 'open after wildcard'): boolean {
  return parts.length > 1 && (shortForm === 'open' || parts.at(-1)?.at(-1)?.kind === 'many')
}

export function splitSubject(arn: string): string[] {
  const parts = arn.split(':')
  return parts.length <= COLONS ? parts : [...parts.slice(0, COLONS), parts.slice(COLONS).join(':')]
}

/**
 * Whether a pattern could cover something that begins so: for listings, which have no resource of their own, yet are
 * granted with patterns of resources. `prefix` is an ARN up to its first `/`, with it.
 */
export function mayCover(template: Template, prefix: string, context: Context): boolean {
  const pattern = resolve(template, context)
  if (pattern === undefined) return false
  const parts = splitAtColons(pattern, COLONS)
  const wanted = splitSubject(prefix)
  const rest = parts[COLONS]
  if (rest === undefined) return matchesArn(template, `${prefix}x`, context)
  if (!parts.slice(0, COLONS).every((part, index) => matches(part, wanted[index] ?? ''))) return false
  return textOf(rest).startsWith(wanted[COLONS] ?? '') || matches(rest, `${wanted[COLONS]}x`)
}
