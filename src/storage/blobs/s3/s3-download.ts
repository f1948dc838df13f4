import { setTimeout as sleep } from 'node:timers/promises'
import { Readable } from 'node:stream'
import { GetObjectCommand, type GetObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3'

import { type ByteRange, BlobStoreError } from '../blob-store.ts'
import { explainS3 } from './s3-failure.ts'

/** How often a download that broke off is taken up again without a single byte coming. Ours. */
const RESUMES_MAX = 4
/** The first wait before that; each is twice the one before. Unit: ms. Ours. */
const RESUME_AFTER_MS = 100

export interface DownloadSource {
  readonly client: S3Client
  readonly bucket: string
  readonly key: string
  /** Longest wait for the next bytes. Unit: ms. */
  readonly stallTimeoutMs: number
}

/** An object's bytes, or a range of them. Taken up again where it broke off, stalled or ended too early. */
export async function download(source: DownloadSource, range: ByteRange | undefined): Promise<Readable> {
  const first = await get(source, range && `bytes=${range.start}-${range.end}`)
  const start = range?.start ?? 0
  const end = range === undefined ? (first.ContentLength ?? 0) : range.end + 1
  if (range !== undefined && first.ContentLength !== end - start) {
    closeBody(first)
    throw new BlobStoreError(`the object store gave ${first.ContentLength} bytes of ${end - start}`)
  }
  return Readable.from(readResuming(source, first, start, end), { objectMode: false })
}

async function* readResuming(
  source: DownloadSource,
  first: GetObjectCommandOutput,
  start: number,
  end: number,
): AsyncGenerator<Buffer> {
  let answer = first
  let failures = 0
  try {
    for (let position = start; position < end; ) {
      const chunks = (answer.Body as Readable).iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>
      let failure: unknown = new Error(`it ended after ${position - start} bytes of ${end - start}`)
      for (;;) {
        const next = await within(source.stallTimeoutMs, chunks.next()).catch((error: unknown) => {
          failure = error
          return { done: true, value: undefined } as const
        })
        if (next.done === true || next.value === undefined) break
        position += next.value.length
        failures = 0
        yield next.value
      }
      if (position >= end) return
      closeBody(answer)
      failures += 1
      if (failures > RESUMES_MAX) throw explainS3(failure, 'send all of a blob', source.bucket)
      await sleep(RESUME_AFTER_MS * 2 ** failures)
      // Of another object with this name not one byte may follow.
      answer = await get(source, `bytes=${position}-${end - 1}`, first.ETag)
    }
  } finally {
    closeBody(answer)
  }
}

async function get({ client, bucket, key }: DownloadSource, range?: string, etag?: string) {
  const input = { Bucket: bucket, Key: key, ...(range && { Range: range }), ...(etag && { IfMatch: etag }) }
  return client.send(new GetObjectCommand(input))
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const late = new AbortController()
  const wait = sleep(milliseconds, undefined, { signal: late.signal, ref: false }).then(() => {
    throw new Error(`nothing came for ${milliseconds} ms`)
  })
  wait.catch(() => {})
  try {
    return await Promise.race([work, wait])
  } finally {
    late.abort()
  }
}

function closeBody({ Body }: GetObjectCommandOutput): void {
  if (!(Body instanceof Readable)) return
  // It may fail while nobody listens any more.
  Body.on('error', () => {}).destroy()
}
