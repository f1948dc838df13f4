import { createHash } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'

import type { RefCountedFile } from '../ref-counted-file.ts'
import type { S3Settings } from './s3-url.ts'

/** What is sent at once, unless that made too many parts. Unit: bytes. Source: S3 User Guide: at least 5 MiB. */
const PART_BYTES = 5 * 1_048_576
/** Source: S3 User Guide, "Multipart upload limits". */
const PARTS_MAX = 10_000
/** Parts of one upload under way at once. Ours: each waits in memory. */
const PARTS_AT_ONCE = 2

export interface UploadTarget {
  readonly client: S3Client
  readonly settings: S3Settings
  readonly key: string
}

/**
 * Sends a file: at once when it is small, else in parts, of which a few are in memory. The store checks the MD5 of each
 * body that it is sent. An upload that fails leaves nothing.
 */
export async function upload(target: UploadTarget, file: RefCountedFile): Promise<void> {
  const sizeBytes = await file.size()
  if (sizeBytes > PART_BYTES) return uploadParts(target, file, sizeBytes)
  const { client, settings, key } = target
  const body = await readPart(file, 0, sizeBytes)
  await client.send(
    new PutObjectCommand({ Bucket: settings.bucket, Key: key, ...describe(body), ...encryptionOf(settings) }),
  )
}

async function uploadParts(target: UploadTarget, file: RefCountedFile, sizeBytes: number): Promise<void> {
  const { client, settings, key } = target
  const place = { Bucket: settings.bucket, Key: key }
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...place, ...encryptionOf(settings) }))
  const begun = { ...place, UploadId }
  try {
    const Parts = await sendParts(client, begun, file, sizeBytes)
    await client.send(new CompleteMultipartUploadCommand({ ...begun, MultipartUpload: { Parts } }))
  } catch (error) {
    // What can't be aborted now is found by age at a later start.
    await client.send(new AbortMultipartUploadCommand(begun)).catch(() => {})
    throw error
  }
}

interface BegunUpload {
  readonly Bucket: string
  readonly Key: string
  readonly UploadId: string | undefined
}

async function sendParts(client: S3Client, begun: BegunUpload, file: RefCountedFile, sizeBytes: number) {
  const partBytes = Math.max(PART_BYTES, Math.ceil(sizeBytes / PARTS_MAX))
  const count = Math.ceil(sizeBytes / partBytes)
  const parts: { PartNumber: number; ETag: string | undefined }[] = []
  let next = 0
  const sendSome = async (): Promise<void> => {
    while (next < count) {
      const index = next++
      const body = await readPart(file, index * partBytes, Math.min(partBytes, sizeBytes - index * partBytes))
      const PartNumber = index + 1
      const { ETag } = await client.send(new UploadPartCommand({ ...begun, PartNumber, ...describe(body) }))
      parts[index] = { PartNumber, ETag }
    }
  }
  const senders = await Promise.allSettled(Array.from({ length: PARTS_AT_ONCE }, sendSome))
  for (const sender of senders) if (sender.status === 'rejected') throw sender.reason
  return parts
}

function describe(Body: Buffer) {
  return { Body, ContentLength: Body.length, ContentMD5: createHash('md5').update(Body).digest('base64') }
}

function encryptionOf({ storeEncryption }: S3Settings) {
  if (storeEncryption === undefined) return {}
  const { algorithm, keyId } = storeEncryption
  return { ServerSideEncryption: algorithm, ...(keyId === undefined ? {} : { SSEKMSKeyId: keyId }) }
}

async function readPart(file: RefCountedFile, start: number, bytes: number): Promise<Buffer> {
  const part = Buffer.allocUnsafeSlow(bytes)
  for (let filled = 0; filled < bytes; ) {
    const read = await file.read(part, filled, start + filled)
    if (read === 0) throw new Error('the staged file is shorter than it should be')
    filled += read
  }
  return part
}
