import { versionNumber, versionTail } from '../semantic-version.ts'

/** Longest requirement. Unit: characters. Ours. */
const REQUIREMENT_LENGTH_MAX = 1500

/** One comparator of a requirement. Source: The Cargo Book, "Specifying Dependencies". */
const comparator = new RegExp(
  `^\\s*(?:(?:\\^|~|=|<=?|>=?)?\\s*${versionNumber}(?:\\.(?:[*xX]|${versionNumber})(?:\\.(?:[*xX]|${versionNumber}${versionTail}))?)?|[*xX])\\s*$`,
)

/** `^1.2, <3`; `*` alone; `1.*`. */
export function isRequirement(text: string): boolean {
  if (text.length > REQUIREMENT_LENGTH_MAX) return false
  return text.split(',').every((part) => comparator.test(part))
}

/** What makes a version unique in an index: all but its build metadata. */
export function releaseOf(text: string): string {
  const plus = text.indexOf('+')
  return plus < 0 ? text : text.slice(0, plus)
}
