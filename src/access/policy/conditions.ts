import type { Operator } from './operators.ts'
import { type Context, type ContextValue, resolve, type Template } from './template.ts'

/** One key under one operator; all of a statement's must hold. */
export interface Condition {
  /** As written, with prefix and suffix: `ForAnyValue:StringLikeIfExists`. */
  readonly operator: string
  /** 'null' looks only at whether the key is there. */
  readonly test: Operator | 'null'
  /** How many of the key's values must pass; `one`: the key is expected to have a single value. */
  readonly quantifier: 'one' | 'all' | 'any'
  /** What a missing key means. */
  readonly whenMissing: 'by operator' | 'true'
  /** In lower case. */
  readonly key: string
  /** Any of them will do; for negated operators none may. */
  readonly expected: readonly Template[]
}

/** Source: IAM User Guide, "Condition operators" and "Multivalued context keys". */
export function holds(condition: Condition, context: Context): boolean {
  const actual = valuesOf(context(condition.key))
  if (condition.test === 'null') return nullHolds(condition, actual, context)
  if (actual === undefined || actual.length === 0) return missingHolds(condition, condition.test)
  const { test, quantifier } = condition
  const expected = resolveAll(condition.expected, test, context)
  if (expected === undefined) return false
  const passes = (value: string) => expected.some((template) => test.test(template, value)) !== test.isNegated
  if (quantifier === 'all') return actual.every(passes)
  if (quantifier === 'any') return actual.some(passes)
  return test.isNegated ? actual.every(passes) : actual.some(passes)
}

/**
 * A variable without a value makes its text match nothing. Under a negated operator that would be everything, so that the
 * whole condition fails instead: neither may an Allow allow, nor a Deny deny, by a value that nobody knows.
 */
function resolveAll(expected: readonly Template[], test: Operator, context: Context): Template[] | undefined {
  const resolved = expected.map((template) => resolve(template, context)).filter((template) => template !== undefined)
  return resolved.length < expected.length && test.isNegated ? undefined : resolved
}

function missingHolds({ quantifier, whenMissing }: Condition, test: Operator): boolean {
  if (whenMissing === 'true' || quantifier === 'all') return true
  return quantifier === 'any' ? false : test.isNegated
}

function nullHolds({ expected }: Condition, actual: readonly string[] | undefined, context: Context): boolean {
  const isMissing = actual === undefined || actual.length === 0
  return expected.some((template) => {
    const [piece] = resolve(template, context) ?? []
    return piece?.kind === 'text' && piece.text.toLowerCase() === String(isMissing)
  })
}

function valuesOf(value: ContextValue): readonly string[] | undefined {
  return typeof value === 'string' ? [value] : value
}
