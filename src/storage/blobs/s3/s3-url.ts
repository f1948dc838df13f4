/** Where an object store is, and how it is to be spoken to. */
export interface S3Settings {
  readonly bucket: string
  /** Before every name; ends with a slash unless it is empty. */
  readonly prefix: string
  /** Undefined: AWS's own of the region. */
  readonly endpoint: string | undefined
  /** Undefined: the server's own. */
  readonly region: string | undefined
  /** Undefined: found as every AWS SDK finds them. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined
  /** Clients that can are sent to the store for large assets: at this address, where it differs from ours. */
  readonly redirect: { readonly endpoint: string | undefined } | undefined
  /** By the store itself, in whose hands the keys then are. */
  readonly storeEncryption: { readonly algorithm: 'AES256' | 'aws:kms'; readonly keyId: string | undefined } | undefined
}

const known = ['endpoint', 'region', 'sse', 'sseKmsKeyId', 'redirect']

/**
 * `s3://bucket/prefix?endpoint=…&region=…`, with the access key before the bucket where it is not found elsewhere.
 * Undefined for anything else.
 */
export function parseS3Url(given: string): S3Settings | undefined {
  const url = URL.parse(given)
  if (url?.protocol !== 's3:' || !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(url.hostname)) return undefined
  if (url.port !== '' || url.hash !== '' || (url.username === '') !== (url.password === '')) return undefined
  if ([...url.searchParams.keys()].some((name) => !known.includes(name))) return undefined
  const option = (name: string) => url.searchParams.get(name) ?? undefined
  const [endpoint, algorithm, keyId] = [option('endpoint'), option('sse'), option('sseKmsKeyId')]
  if (endpoint !== undefined && !isWebAddress(endpoint)) return undefined
  if (algorithm !== undefined && algorithm !== 'AES256' && algorithm !== 'aws:kms') return undefined
  if (keyId !== undefined && algorithm !== 'aws:kms') return undefined
  const redirect = option('redirect')
  // What only we can decrypt is no good to anybody else.
  if (redirect !== undefined && algorithm === undefined) return undefined
  if (redirect !== undefined && redirect !== 'on' && !isWebAddress(redirect)) return undefined
  const prefix = url.pathname.replace(/^\/+|\/+$/g, '')
  return {
    bucket: url.hostname,
    prefix: prefix === '' ? '' : `${decodeURIComponent(prefix)}/`,
    endpoint,
    region: option('region'),
    credentials: url.username === '' ? undefined : credentialsOf(url),
    redirect: redirect === undefined ? undefined : { endpoint: redirect === 'on' ? undefined : redirect },
    storeEncryption: algorithm && { algorithm, keyId },
  }
}

function isWebAddress(text: string): boolean {
  return /^https?:$/.test(URL.parse(text)?.protocol ?? '')
}

function credentialsOf({ username, password }: URL) {
  return { accessKeyId: decodeURIComponent(username), secretAccessKey: decodeURIComponent(password) }
}
