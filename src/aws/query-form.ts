/** Levels of nesting in a parameter's name; the deepest input of STS and IAM has three. Ours. */
const NESTING_MAX = 8

/** The parameters of a query request as a tree: `Tags.member.1.Key=a` is `{ Tags: [{ Key: 'a' }] }`. */
export interface QueryParameters {
  readonly [name: string]: QueryValue
}
export type QueryValue = string | readonly QueryValue[] | QueryParameters

/** The text is no form, or its parameters contradict each other. */
export class QueryFormError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'QueryFormError'
  }
}

/** Reads a form body, or the query of a GET. Throws `QueryFormError`. Source: AWS query protocol, "Serialization". */
export function parseQueryForm(text: string): QueryParameters {
  const root = new Map<string, Branch>()
  for (const piece of text.split('&')) {
    if (piece === '') continue
    const at = piece.indexOf('=')
    const name = decode(at < 0 ? piece : piece.slice(0, at))
    plant(root, name, decode(at < 0 ? '' : piece.slice(at + 1)))
  }
  return grow(root)
}

type Branch = string | Map<string, Branch>

function plant(root: Map<string, Branch>, name: string, value: string): void {
  const parts = name.split('.')
  const last = parts.pop() ?? ''
  if (parts.length >= NESTING_MAX) throw new QueryFormError(`The parameter ${shown(name)} is nested too deeply.`)
  let branch = root
  for (const part of parts) {
    const next = branch.get(part) ?? new Map<string, Branch>()
    if (typeof next === 'string') throw contradicted(name)
    branch.set(part, next)
    branch = next
  }
  if (branch.has(last)) throw contradicted(name)
  branch.set(last, value)
}

function grow(branch: ReadonlyMap<string, Branch>): QueryParameters {
  const members = [...branch].map(([name, value]) => [name, growValue(value)] as const)
  return Object.freeze(Object.assign(Object.create(null), Object.fromEntries(members))) as QueryParameters
}

/** A list's items stand below `member`, in the order of their numbers, which may have gaps: 10 after 9. */
function growValue(value: Branch): QueryValue {
  if (typeof value === 'string') return value
  const items = value.size === 1 ? value.get('member') : undefined
  if (!(items instanceof Map) || ![...items.keys()].every((key) => /^\d{1,9}$/.test(key))) return grow(value)
  return [...items].toSorted(([left], [right]) => Number(left) - Number(right)).map(([, item]) => growValue(item))
}

/** By the rules of forms, where `+` is a space; only the signature looks at the raw bytes. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw new QueryFormError(`${shown(text)} is not percent-encoded UTF-8.`)
  }
}

function contradicted(name: string): QueryFormError {
  return new QueryFormError(`The parameter ${shown(name)} is given more than once.`)
}

function shown(text: string): string {
  return `'${text.slice(0, 100)}'`
}
