import assert from 'node:assert/strict'

/** Says whether a value that cannot be known before is right. */
export type Matcher = (value: unknown) => boolean

export const aTime: Matcher = (value) => value instanceof Date && value.getTime() > Date.UTC(2020, 0, 1)
export const aRevision: Matcher = (value) => typeof value === 'string' && /^[A-Za-z0-9+/]{43}=$/.test(value)

/** Everything that an SDK made of an answer is as expected, and nothing else is there. */
export function assertAnswer(answer: object, expected: object, title: string): void {
  const { $metadata, ...members } = answer as { readonly $metadata: { readonly httpStatusCode?: number } }
  assert.equal($metadata.httpStatusCode, 200, title)
  assert.deepEqual(known(members, expected), known(expected, expected), title)
}

/** The same with what a matcher approves put by the matcher's own sign. */
function known(value: unknown, expected: unknown): unknown {
  if (typeof expected === 'function') {
    return value === expected || (expected as Matcher)(value) ? 'as expected' : { unexpected: value }
  }
  if (Array.isArray(value))
    return value.map((item, index) => known(item, Array.isArray(expected) ? expected[index] : undefined))
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  const entries = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(
    entries.map(([name, member]) => [name, known(member, (expected as Record<string, unknown> | undefined)?.[name])]),
  )
}
