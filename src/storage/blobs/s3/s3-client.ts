import { S3Client } from '@aws-sdk/client-s3'

import type { S3Settings } from './s3-url.ts'

/** Longest wait for a connection, and for the start of an answer once a request was sent. Unit: ms. Ours. */
const CONNECT_TIMEOUT_MS = 5_000
const ANSWER_TIMEOUT_MS = 60_000
/** Tries of one request; between them the SDK waits longer each time, with jitter. Ours. */
const ATTEMPTS_MAX = 4
/** Connections of one process. Ours. */
const CONNECTIONS_MAX = 64

export interface S3Limits {
  readonly connectTimeoutMs?: number
  readonly answerTimeoutMs?: number
  readonly attemptsMax?: number
}

/** Speaks what every store understands: no checksums in trailers, and bodies of a known length. */
export function createS3Client(settings: S3Settings, region: string, limits: S3Limits = {}): S3Client {
  const { endpoint, credentials } = settings
  return new S3Client({
    region: settings.region ?? region,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials && { credentials }),
    maxAttempts: limits.attemptsMax ?? ATTEMPTS_MAX,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: limits.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
      requestTimeout: limits.answerTimeoutMs ?? ANSWER_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: CONNECTIONS_MAX, keepAlive: true },
      httpsAgent: { maxSockets: CONNECTIONS_MAX, keepAlive: true },
    },
  })
}
