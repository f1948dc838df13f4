/** Where the console lives. */
export const base = '/console'

/** Decoded parameters by name. */
export type Params = Readonly<Record<string, string>>

/** The parameters of a path below `base` that fits the pattern `/domains/:owner/:domain`; undefined when it does not. */
export function matchPath(pattern: string, path: string): Params | undefined {
  const wanted = pattern.split('/')
  const found = path.replace(/\/$/, '').split('/')
  if (wanted.length !== found.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, segment] of wanted.entries()) {
    const text = found[index] ?? ''
    if (!segment.startsWith(':')) {
      if (segment !== text) return undefined
      continue
    }
    const value = decodeSegment(text)
    if (value === undefined || value === '') return undefined
    params[segment.slice(1)] = value
  }
  return params
}

function decodeSegment(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** An address of the console from segments that are not encoded yet, and query parameters; undefined ones are left out. */
export function pathTo(segments: readonly string[], query: Readonly<Record<string, string | undefined>> = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => (value ? [[name, value]] : []))
  const search = new URLSearchParams(pairs as [string, string][]).toString()
  return `${base}/${segments.map(encodeSegment).join('/')}${search === '' ? '' : `?${search}`}`
}

/** `.` and `..` would be resolved by the browser, encoded or not: no name of ours is one of them. */
function encodeSegment(text: string): string {
  return encodeURIComponent(text)
}
