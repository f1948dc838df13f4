import { createHash, createHmac } from 'node:crypto'
import { canonicalRequest } from './canonical-request.ts'
import { ALGORITHM } from './signature.ts'

export interface SigningCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string | undefined
}

export interface UnsignedRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly url: URL
  readonly body: string
  readonly region: string
  readonly service: string
  /** Unit: ms since 1970. */
  readonly now: number
}

/** The headers that prove who sends the request. Source: IAM User Guide, "Create a signed AWS API request". */
export function signRequest(request: UnsignedRequest, credentials: SigningCredentials): Record<string, string> {
  const { method, url, region, service, body } = request
  const time = new Date(request.now).toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
  const payload = createHash('sha256').update(body).digest('hex')
  const headers: Record<string, string> = {
    host: url.host,
    'x-amz-content-sha256': payload,
    'x-amz-date': time,
    ...(credentials.sessionToken === undefined ? {} : { 'x-amz-security-token': credentials.sessionToken }),
  }
  const signedHeaders = Object.keys(headers).toSorted().join(';')
  const raw = { method, path: url.pathname, query: url.search.slice(1), rawHeaders: Object.entries(headers).flat() }
  const text = canonicalRequest(raw, { form: 'header', signedHeaders }, payload)
  const scope = [time.slice(0, 8), region, service, 'aws4_request']
  const digest = createHash('sha256').update(text, 'latin1').digest('hex')
  const key = scope.reduce(
    (secret: Buffer, part) => hmac(secret, part),
    Buffer.from(`AWS4${credentials.secretAccessKey}`),
  )
  const signature = hmac(key, `${ALGORITHM}\n${time}\n${scope.join('/')}\n${digest}`).toString('hex')
  const credential = `${credentials.accessKeyId}/${scope.join('/')}`
  const { host: _, ...sent } = headers
  return {
    ...sent,
    authorization: `${ALGORITHM} Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`,
  }
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
