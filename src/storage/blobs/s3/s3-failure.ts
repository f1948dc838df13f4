import { S3ServiceException } from '@aws-sdk/client-s3'

import { BlobStoreError } from '../blob-store.ts'

export function isNotFound(error: unknown): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404 && error.name !== 'NoSuchBucket'
}

/** What went wrong, in words that help. `what`: what the store was asked for. */
export function explainS3(error: unknown, what: string, bucket: string): BlobStoreError {
  if (error instanceof BlobStoreError) return error
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  const answer = status === undefined ? reason : `it answered ${status} ${reason}`
  return new BlobStoreError(`the object store with bucket ${bucket} did not ${what}: ${answer}`.trim(), {
    cause: error,
  })
}
