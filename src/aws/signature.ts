import { incomplete, mismatch, unsigned } from './authentication-error.ts'
import { splitPair } from './canonical-request.ts'
import { headerValues, type RawRequest } from './raw-request.ts'
import { parseDateHeader, parseSigningTime, type SigningTime } from './signing-time.ts'

/** The one algorithm served; SigV4a (`AWS4-ECDSA-P256-SHA256`) is refused. */
export const ALGORITHM = 'AWS4-HMAC-SHA256'

/** Longest life of a presigned request. Unit: seconds. Source: Amazon S3 User Guide, "Presigned URLs" (seven days). */
const PRESIGNED_SECONDS_MAX = 604_800

/** What a request says of who signed it; nothing is proved yet. */
export interface Signature {
  readonly form: 'header' | 'presigned'
  readonly accessKeyId: string
  readonly scope: Scope
  /** Verbatim, as it is hashed. */
  readonly signedHeaders: string
  /** Hex as sent. */
  readonly digest: string
  readonly time: SigningTime
  readonly sessionToken: string | undefined
  /** Only of presigned requests. Unit: seconds. */
  readonly expiresSeconds: number | undefined
}

export interface Scope {
  /** `20260131` */
  readonly date: string
  readonly region: string
  readonly service: string
}

/** Throws `AuthenticationError`: 'unsigned', 'incomplete' or, for a scope of another form, 'mismatch'. */
export function parseSignature(request: RawRequest): Signature {
  const isPresigned = /(^|&)X-Amz-Algorithm(=|&|$)/.test(request.query)
  const authorization = single(request, 'authorization')
  if (isPresigned && authorization !== undefined) {
    throw incomplete('Authorization stands in the header and in the query; it may stand in one of them only.')
  }
  if (isPresigned) return parsePresigned(request)
  if (authorization === undefined) throw unsigned()
  return parseHeader(request, authorization)
}

/** The service in the scope, where there is any; for choosing the shape of an error, never for a decision. */
export function peekService(request: RawRequest): string | undefined {
  try {
    return parseSignature(request).scope.service
  } catch {
    return undefined
  }
}

function parseHeader(request: RawRequest, authorization: string): Signature {
  const [, algorithm = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(authorization.trim()) ?? []
  if (!algorithm.startsWith('AWS')) throw unsigned()
  checkAlgorithm(algorithm)
  const fields = new Map(rest.split(',').map((field) => splitPair(field.trim())))
  const credential = required(fields, 'Credential', 'Authorization header')
  return {
    form: 'header',
    ...parseCredential(credential),
    signedHeaders: required(fields, 'SignedHeaders', 'Authorization header'),
    digest: required(fields, 'Signature', 'Authorization header'),
    time: timeOf(request),
    sessionToken: single(request, 'x-amz-security-token'),
    expiresSeconds: undefined,
  }
}

function timeOf(request: RawRequest): SigningTime {
  const amzDate = single(request, 'x-amz-date')
  const date = single(request, 'date')
  const time = amzDate === undefined ? parseDateHeader(date ?? '') : parseSigningTime(amzDate)
  if (time) return time
  throw incomplete("Authorization header requires existence of either a valid 'X-Amz-Date' or 'Date' header.")
}

function parsePresigned(request: RawRequest): Signature {
  const fields = presignedFields(request.query)
  checkAlgorithm(fields.get('X-Amz-Algorithm') ?? '')
  const time = parseSigningTime(required(fields, 'X-Amz-Date', 'Query'))
  if (!time) throw incomplete('X-Amz-Date must have the form YYYYMMDDTHHMMSSZ.')
  return {
    form: 'presigned',
    ...parseCredential(required(fields, 'X-Amz-Credential', 'Query')),
    signedHeaders: required(fields, 'X-Amz-SignedHeaders', 'Query'),
    digest: required(fields, 'X-Amz-Signature', 'Query'),
    time,
    sessionToken: fields.get('X-Amz-Security-Token') ?? single(request, 'x-amz-security-token'),
    expiresSeconds: parseExpires(required(fields, 'X-Amz-Expires', 'Query')),
  }
}

function presignedFields(query: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const piece of query.split('&')) {
    const [name, value] = splitPair(piece)
    if (!name.startsWith('X-Amz-')) continue
    if (fields.has(name)) throw incomplete(`${name} stands twice in the query.`)
    fields.set(name, decode(name, value))
  }
  return fields
}

function decode(name: string, value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    throw incomplete(`${name} is not percent-encoded UTF-8.`)
  }
}

function parseExpires(text: string): number {
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN
  if (seconds <= PRESIGNED_SECONDS_MAX) return seconds
  throw incomplete(`X-Amz-Expires must be a number of seconds from 0 to ${PRESIGNED_SECONDS_MAX}.`)
}

function parseCredential(credential: string): { accessKeyId: string; scope: Scope } {
  const parts = credential.split('/')
  const [date, region, service, terminator] = parts.slice(-4)
  const accessKeyId = parts.slice(0, -4).join('/')
  if (accessKeyId === '' || !date || !region || !service) {
    throw incomplete('Credential must have the form access-key-id/YYYYMMDD/region/service/aws4_request.')
  }
  if (terminator !== 'aws4_request') {
    throw mismatch("Credential should be scoped with a valid terminator: 'aws4_request'.")
  }
  return { accessKeyId, scope: { date, region, service } }
}

function checkAlgorithm(algorithm: string): void {
  if (algorithm === ALGORITHM) return
  throw incomplete(`Unsupported AWS algorithm '${algorithm.slice(0, 40)}': only ${ALGORITHM} is accepted.`)
}

function required(fields: ReadonlyMap<string, string>, name: string, place: string): string {
  const value = fields.get(name)
  if (value) return value
  throw incomplete(`${place} requires '${name}' parameter.`)
}

/** These headers decide; two of them would let two readers see two different requests. */
function single(request: RawRequest, name: string): string | undefined {
  const values = headerValues(request.rawHeaders, name)
  if (values.length > 1) throw incomplete(`The header '${name}' stands more than once.`)
  return values[0]?.trim()
}
