/** The parts of a list header with their weights, as `gzip;q=0.5, identity`. Source: RFC 9110, section 12.4.2. */
export function weights(header: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const part of header.toLowerCase().split(',')) {
    const [value = '', ...parameters] = part.split(';').map((text) => text.trim())
    if (value !== '') found.set(value, weightOf(parameters))
  }
  return found
}

function weightOf(parameters: readonly string[]): number {
  const text = parameters.find((parameter) => /^q\s*=/.test(parameter))
  if (text === undefined) return 1
  const weight = Number(text.slice(text.indexOf('=') + 1).trim())
  return weight >= 0 && weight <= 1 ? weight : 0
}

/** Says whether gzip is at least as welcome as no coding. Source: RFC 9110, section 12.5.3. */
export const acceptsGzip = remembering(readGzipWelcome)

function readGzipWelcome(acceptEncoding: string | undefined): boolean {
  const liked = weights(acceptEncoding ?? '')
  const any = liked.get('*')
  const gzip = liked.get('gzip') ?? liked.get('x-gzip') ?? any ?? 0
  return gzip > 0 && gzip >= (liked.get('identity') ?? 0)
}

/** Headers whose meaning is remembered: clients send few different ones. Ours. */
const REMEMBERED_MAX = 500

/** The same function, which reads a header that it has read before from memory. */
export function remembering<Meaning>(
  read: (header: string | undefined) => Meaning,
): (header: string | undefined) => Meaning {
  const known = new Map<string | undefined, Meaning>()
  return (header) => {
    const remembered = known.get(header)
    if (remembered !== undefined) return remembered
    const meaning = read(header)
    if (known.size >= REMEMBERED_MAX) known.clear()
    known.set(header, meaning)
    return meaning
  }
}

/** Weak comparison, as proxies weaken what they compress. Source: RFC 9110, section 13.1.2. */
export function matchesEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch === etag) return true
  if (ifNoneMatch.trim() === '*') return true
  const opaque = etag.replace(/^W\//, '')
  return [...ifNoneMatch.matchAll(/(?:W\/)?("[^"]*")/g)].some(([, candidate]) => candidate === opaque)
}

/** Both ends count and are included. */
export interface Range {
  readonly start: number
  readonly end: number
}

export type RequestedRange =
  /** Nothing was asked that we answer in parts. */
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly range: Range }
  /** Nothing of what was asked exists. */
  | { readonly kind: 'outside' }

/** One range of bytes; several at once, and what makes no sense, get the whole. Source: RFC 9110, section 14.2. */
export function parseRange(header: string | undefined, sizeBytes: number): RequestedRange {
  const found = /^bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? '')
  const [, first = '', last = ''] = found ?? []
  if (first === '' && last === '') return { kind: 'whole' }
  if (first === '') return suffix(Number(last), sizeBytes)
  const start = Number(first)
  const end = last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1)
  if (last !== '' && Number(last) < start) return { kind: 'whole' }
  return start < sizeBytes ? { kind: 'part', range: { start, end } } : { kind: 'outside' }
}

function suffix(lengthBytes: number, sizeBytes: number): RequestedRange {
  if (lengthBytes === 0 || sizeBytes === 0) return { kind: 'outside' }
  return { kind: 'part', range: { start: Math.max(0, sizeBytes - lengthBytes), end: sizeBytes - 1 } }
}
