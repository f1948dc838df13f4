import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import { CreateBucketCommand, ListObjectsV2Command, type S3Client, S3ServiceException } from '@aws-sdk/client-s3'
import { createS3Client } from '../../src/storage/blobs/s3/s3-client.ts'
import { parseS3Url } from '../../src/storage/blobs/s3/s3-url.ts'
import { until } from './processes.ts'
import { S3_URL_VARIABLE, s3UrlOf } from './s3-address.ts'
import { rgw } from './s3-rgw.ts'
import { type S3Engine, S3MissingError, startS3Server } from './s3-server.ts'
import { swift } from './s3-swift.ts'

/** Every object store that can be started here; each has gaps of its own. */
export const s3Engines: readonly S3Engine[] = [swift, rgw]

/**
 * The address of a new bucket for this test, as the setting `blobUrl` takes it. Undefined when the object store is not
 * installed: then the test is marked as skipped and must return, or it fails when `PACKYARD_TEST_REQUIRE` is `all`.
 */
export async function newBucket(t: Pick<TestContext, 'skip'>, engine = swift): Promise<string | undefined> {
  for (let left = SERVERS_MAX - 1; ; left--) {
    const server = await serverUrl(engine).catch((error: unknown) => {
      if (!(error instanceof S3MissingError) || process.env['PACKYARD_TEST_REQUIRE'] === 'all') throw error
      t.skip(error.message)
    })
    if (server === undefined) return undefined
    try {
      return await bucketOf(server)
    } catch (error) {
      // One whose parts lost a port to somebody else answers, but never well.
      if (left === 0 || !ownServers.delete(engine.name)) throw error
    }
  }
}

/** Of the own ones, how many are started until one works. Ours. */
const SERVERS_MAX = 3

async function bucketOf(server: string): Promise<string> {
  const url = new URL(server)
  url.hostname = `test-${randomBytes(8).toString('hex')}`
  const settings = parseS3Url(url.href)
  if (settings === undefined) throw new Error(`${url.href} is no address of an object store`)
  const client = createS3Client(settings, 'us-east-1')
  // A store on a busy machine asks for patience, and more of it than the client has.
  await until('the store to make a bucket', () => makeBucket(client, settings.bucket), BUCKET_WITHIN_MS)
  client.destroy()
  return url.href
}

/** Unit: ms. Ours. */
const BUCKET_WITHIN_MS = 20_000

async function makeBucket(client: S3Client, bucket: string): Promise<true | undefined> {
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket }))
    return true
  } catch (error) {
    if (error instanceof S3ServiceException && (error.$metadata.httpStatusCode ?? 0) >= 500) return undefined
    if (error instanceof S3ServiceException && error.name === 'BucketAlreadyOwnedByYou') return true
    throw error
  }
}

/** The names of all objects of a bucket, but for those that a look at the store's health makes for a moment. */
export async function listObjects(blobUrl: string): Promise<string[]> {
  const settings = parseS3Url(blobUrl)
  if (settings === undefined) throw new Error(`${blobUrl} is no address of an object store`)
  const client = createS3Client(settings, 'us-east-1')
  const names: string[] = []
  for (let after: string | undefined; ; ) {
    const command = new ListObjectsV2Command({ Bucket: settings.bucket, ...(after && { ContinuationToken: after }) })
    const { Contents = [], NextContinuationToken } = await client.send(command)
    names.push(...Contents.map(({ Key = '' }) => Key).filter((name) => !name.includes('/.check/')))
    after = NextContinuationToken
    if (after === undefined) break
  }
  client.destroy()
  return names
}

/** One for all tests of this process, which ends with it; the runner may have one of the first kind for everybody. */
const ownServers = new Map<string, Promise<string>>()

async function serverUrl(engine: S3Engine): Promise<string> {
  const shared = process.env[S3_URL_VARIABLE]
  if (shared !== undefined && engine === swift) return shared
  const started = ownServers.get(engine.name) ?? startS3Server(engine).then(s3UrlOf)
  ownServers.set(engine.name, started)
  return started
}
