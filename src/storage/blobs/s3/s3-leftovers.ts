import { AbortMultipartUploadCommand, ListMultipartUploadsCommand, type S3Client } from '@aws-sdk/client-s3'

import type { S3Settings } from './s3-url.ts'

/** What was begun so long ago was left behind by a crash. Unit: ms. Ours: the longest upload takes far less. */
const UPLOAD_MAX_MS = 86_400_000

/** Ends uploads in parts that nobody will finish, as their parts are paid for. */
export async function abortOldUploads(client: S3Client, settings: S3Settings, now: number): Promise<void> {
  const { bucket: Bucket, prefix: Prefix } = settings
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix }))
  for (const { Key, UploadId, Initiated } of Uploads) {
    if (Initiated === undefined || Initiated.getTime() > now - UPLOAD_MAX_MS) continue
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }))
  }
}
