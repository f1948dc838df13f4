import { HttpError } from './call.ts'

/**
 * What a table of routes is made of. `:name` takes one segment; `:name*`, which can only be the last, takes all that are
 * left, with the slashes between them; everything else must be equal.
 */
export interface RoutePattern {
  readonly method: string
  readonly path: `/${string}`
}

export interface RouteMatch<R> {
  readonly route: R
  /** Percent-decoded once; that of a `:name*` as it was sent, so that `%2f` stays apart from `/`. */
  readonly params: Readonly<Record<string, string>>
}

/**
 * Finds the first route for a method and a path that starts with `/` and has not been decoded. A route for GET answers
 * HEAD too. Throws `HttpError`: 404 when no path fits, 405 with `Allow` when only the method differs, 400 when a
 * parameter is not valid percent-encoded UTF-8.
 */
export type RouteMatcher<R> = (method: string, path: string) => RouteMatch<R>

interface CompiledRoute<R> {
  readonly route: R
  readonly segments: readonly string[]
}

const noParams: Readonly<Record<string, string>> = Object.freeze({})

/** Segments are compared before they are decoded, so that `%2f` inside a name never counts as a `/`. */
export function createRouteMatcher<R extends RoutePattern>(routes: readonly R[]): RouteMatcher<R> {
  const compiled = routes.map((route) => ({ route, segments: splitPath(route.path) }))
  const open = compiled.filter(({ segments }) => takesRest(segments))
  const byLength = new Map<number, CompiledRoute<R>[]>()
  for (const { length } of compiled.map(({ segments }) => segments)) {
    const same = compiled.filter(({ segments }) => segments.length === length && !takesRest(segments))
    byLength.set(length, [...same, ...open])
  }
  return (method, path) => {
    const segments = splitPath(path)
    const candidates = byLength.get(segments.length) ?? open
    for (const candidate of candidates) {
      if (!answers(candidate.route.method, method) || !fits(candidate.segments, segments)) continue
      return { route: candidate.route, params: readParams(candidate.segments, segments) }
    }
    throw notFound(method, path, candidates, segments)
  }
}

function splitPath(path: string): readonly string[] {
  return path.slice(1).split('/')
}

function answers(served: string, asked: string): boolean {
  return served === asked || (asked === 'HEAD' && served === 'GET')
}

function isParam(segment: string): boolean {
  return segment.charCodeAt(0) === 58 // ':'
}

function takesRest(pattern: readonly string[]): boolean {
  return pattern.at(-1)?.endsWith('*') === true
}

function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  if (takesRest(pattern) && segments.length < pattern.length) return false
  for (let i = 0; i < pattern.length; i++) {
    const expected = pattern[i] ?? ''
    if (isParam(expected) ? segments[i] === '' : segments[i] !== expected) return false
  }
  return true
}

function readParams(pattern: readonly string[], segments: readonly string[]): Readonly<Record<string, string>> {
  let params: Record<string, string> | undefined
  for (let i = 0; i < pattern.length; i++) {
    const name = pattern[i] ?? ''
    if (!isParam(name)) continue
    params ??= Object.create(null) as Record<string, string>
    if (name.endsWith('*')) params[name.slice(1, -1)] = segments.slice(i).join('/')
    else params[name.slice(1)] = decodeSegment(segments[i] ?? '')
  }
  return params ?? noParams
}

/** Percent-decodes one segment, once. Throws `HttpError` 400. */
function decodeSegment(segment: string): string {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch (cause) {
    throw new HttpError(400, `path segment '${segment.slice(0, 100)}' is not valid percent-encoded UTF-8`, {}, cause)
  }
}

function notFound<R extends RoutePattern>(
  method: string,
  path: string,
  candidates: readonly CompiledRoute<R>[],
  segments: readonly string[],
): HttpError {
  const served = candidates.filter((candidate) => fits(candidate.segments, segments))
  if (served.length === 0) return new HttpError(404, `there is nothing at ${path.slice(0, 200)}`)
  return methodNotAllowed(
    method,
    served.map((candidate) => candidate.route.method),
  )
}

/** 405 with the methods that are served here. Source: RFC 9110, section 15.5.6. */
function methodNotAllowed(method: string, served: readonly string[]): HttpError {
  const allowed = new Set(served.flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])))
  const allow = [...allowed].join(', ')
  return new HttpError(405, `method ${method} is not served here; allowed: ${allow}`, { Allow: allow })
}
