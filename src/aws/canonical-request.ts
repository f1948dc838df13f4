import { headerValues, type RawRequest } from './raw-request.ts'

/**
 * The text that both sides hash. Made from the bytes on the wire, never from a parsed URL: URL parsers change `//`, `+`
 * and percent escapes. Source: IAM User Guide, "Create a signed AWS API request".
 */
export function canonicalRequest(request: RawRequest, terms: SignatureTerms, payloadSha256: string): string {
  const { signedHeaders } = terms
  const pieces = request.query.split('&').filter((piece) => terms.form === 'header' || !isSignature(piece))
  return [
    request.method,
    canonicalPath(request.path),
    canonicalQuery(pieces),
    ...signedHeaders.split(';').map((name) => `${name}:${canonicalHeader(request.rawHeaders, name)}`),
    '',
    signedHeaders,
    payloadSha256,
  ].join('\n')
}

/** What of a signature its own text depends on. */
interface SignatureTerms {
  readonly form: 'header' | 'presigned'
  /** Names joined with `;`, verbatim. */
  readonly signedHeaders: string
}

/** Normalised once, then encoded again: an escape on the wire is encoded twice in the end, as S3 alone does not do. */
function canonicalPath(path: string): string {
  const kept: string[] = []
  const segments = path.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '').split('/')
  for (const segment of segments) {
    if (segment === '..') kept.pop()
    else if (segment !== '' && segment !== '.') kept.push(segment)
  }
  const isFolder = ['', '.', '..'].includes(segments.at(-1) ?? '')
  const normal = `/${kept.join('/')}${isFolder && kept.length > 0 ? '/' : ''}`
  return normal.replace(/[^A-Za-z0-9\-._~/]/g, encodeCharacter)
}

/** Sorted by name and then by value, two keys: joined first, `domain-owner=` would come before `domain=`. */
function canonicalQuery(pieces: readonly string[]): string {
  return pieces
    .filter((piece) => piece !== '')
    .map((piece) => {
      const [name, value] = splitPair(piece)
      return { name: recode(name), value: recode(value) }
    })
    .toSorted((left, right) => compare(left.name, right.name) || compare(left.value, right.value))
    .map(({ name, value }) => `${name}=${value}`)
    .join('&')
}

/** A presigned request's signature stands in the query that it signs. */
function isSignature(piece: string): boolean {
  return splitPair(piece)[0] === 'X-Amz-Signature'
}

/** At the first `=`; without one the value is empty. */
export function splitPair(piece: string): [name: string, value: string] {
  const at = piece.indexOf('=')
  return at < 0 ? [piece, ''] : [piece.slice(0, at), piece.slice(at + 1)]
}

/** White space of ASCII only: in latin1, the byte A0 of a UTF-8 letter would look like a space. */
function canonicalHeader(rawHeaders: readonly string[], name: string): string {
  return headerValues(rawHeaders, name.toLowerCase())
    .map((value) => value.replace(/[\t-\r ]+/g, ' ').replace(/^ | $/g, ''))
    .join(',')
}

/** Decodes and encodes again, byte by byte, so that every spelling of a character ends in the same one. */
function recode(text: string): string {
  return text.replace(/%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~]/g, (match) => {
    if (match.length < 3) return encodeCharacter(match)
    const character = String.fromCharCode(Number.parseInt(match.slice(1), 16))
    return /[A-Za-z0-9\-._~]/.test(character) ? character : match.toUpperCase()
  })
}

/** Node gives bytes above 127 as latin1, so a character is a byte. */
function encodeCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

function compare(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}
