/** A step into an event: a member's name, or a place in a list. */
type Step = string | number

/** `$.detail.changes.assetsAdded`, `$.resources[0]`, `$.detail['packageName']`; undefined when it is none of these. */
export function parseJsonPath(text: string): ((event: unknown) => unknown) | undefined {
  if (!text.startsWith('$')) return undefined
  const steps: Step[] = []
  const pattern = /\.([\w-]+)|\[(\d{1,9})\]|\['([^'\]]+)'\]/y
  let at = 1
  while (at < text.length) {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (!found) return undefined
    const [whole, member, index, quoted] = found
    steps.push(index === undefined ? (member ?? quoted ?? '') : Number(index))
    at += whole.length
  }
  return (event) => steps.reduce(step, event)
}

/** Undefined where there is nothing. */
function step(value: unknown, to: Step): unknown {
  if (typeof to === 'number') return Array.isArray(value) ? (value as unknown[])[to] : undefined
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, to)) return undefined
  return (value as Record<string, unknown>)[to]
}
