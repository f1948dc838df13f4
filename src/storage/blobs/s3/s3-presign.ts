import { createHash, createHmac } from 'node:crypto'
import type { S3Client } from '@aws-sdk/client-s3'

import type { AddressedAs } from '../blob-store.ts'
import type { S3Settings } from './s3-url.ts'

/** Longest time from the making of an address to the start of the download. Unit: s. Ours: clients follow at once. */
const ADDRESS_SECONDS = 120

const ALGORITHM = 'AWS4-HMAC-SHA256'

export interface PresignParts {
  readonly client: S3Client
  readonly settings: S3Settings
  readonly key: string
  /** Unit: ms since 1970. */
  readonly now: number
  readonly as: AddressedAs
}

/**
 * An address by which anybody can read the object for a moment, with GET and with ranges.
 * Source: Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters".
 */
export async function presign({ client, settings, key, now, as }: PresignParts): Promise<string> {
  const [credentials, region] = [await client.config.credentials(), await client.config.region()]
  const url = new URL(placeOf(settings, region))
  const path = [...url.pathname.split('/').filter(Boolean), ...key.split('/')].map(encode).join('/')
  const time = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`
  const query = canonical({
    'X-Amz-Algorithm': ALGORITHM,
    'X-Amz-Credential': `${credentials.accessKeyId}/${scope}`,
    'X-Amz-Date': time,
    'X-Amz-Expires': String(ADDRESS_SECONDS),
    'X-Amz-SignedHeaders': 'host',
    'response-content-type': as.contentType,
    'response-content-disposition': `attachment; filename="${as.fileName.replace(/[^\w.+-]/g, '_')}"`,
    ...(credentials.sessionToken && { 'X-Amz-Security-Token': credentials.sessionToken }),
  })
  const request = `GET\n/${path}\n${query}\nhost:${url.host}\n\nhost\nUNSIGNED-PAYLOAD`
  const text = `${ALGORITHM}\n${time}\n${scope}\n${createHash('sha256').update(request).digest('hex')}`
  const signature = hmac(signingKey(credentials.secretAccessKey, scope), text).toString('hex')
  return `${url.origin}/${path}?${query}&X-Amz-Signature=${signature}`
}

/** The bucket as clients reach it. Unverified: AWS's own, which no test can ask. */
function placeOf({ bucket, endpoint, redirect }: S3Settings, region: string): string {
  const base = redirect?.endpoint ?? endpoint
  if (base !== undefined) return `${base.replace(/\/$/, '')}/${bucket}`
  const host = `s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`
  return bucket.includes('.') ? `https://${host}/${bucket}` : `https://${bucket}.${host}`
}

function canonical(parameters: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(parameters).map(([name, value]) => `${encode(name)}=${encode(value)}`)
  return pairs.sort().join('&')
}

function signingKey(secret: string, scope: string): Buffer {
  return scope.split('/').reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secret}`))
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

/** Source: RFC 3986, section 2.3: nothing else stays as it is. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
