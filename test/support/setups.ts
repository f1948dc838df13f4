import { type TestContext, test } from 'node:test'
import { type Packyard, type PackyardOptions, startPackyard } from './packyard.ts'
import { startPostgres } from './postgres.ts'
import { newBucket } from './s3.ts'

/** What a server can stand on. */
export interface Setup {
  readonly name: string
  /** Starts a server on it, which ends with the test. */
  start(options?: PackyardOptions): Promise<Packyard>
}

/** One test on SQLite and disk, one on PostgreSQL and an object store. */
export function testOnEachSetup(
  title: string,
  options: { readonly skip?: string | false },
  body: (t: TestContext, setup: Setup) => Promise<void>,
): void {
  test(`${title} (SQLite and disk)`, options, (t) => {
    return body(t, { name: 'SQLite', start: (more) => startPackyard(t, more) })
  })
  test(`${title} (PostgreSQL and S3)`, options, async (t) => {
    const blobUrl = await newBucket(t)
    if (blobUrl === undefined) return
    await withPostgres(t, (databaseUrl) => {
      return body(t, { name: 'PostgreSQL', start: (more) => startPackyard(t, { blobUrl, ...more, databaseUrl }) })
    })
  })
}

/** Runs the body with an empty database, or skips the test. The database outlives everything that the body starts. */
export async function withPostgres(t: TestContext, body: (databaseUrl: string) => Promise<void>): Promise<void> {
  const ends: (() => unknown)[] = []
  const late = { skip: t.skip.bind(t), after: (end: (() => unknown) | undefined) => end && ends.push(end) }
  const databaseUrl = await startPostgres(late as Pick<TestContext, 'after' | 'skip'>)
  if (databaseUrl === undefined) return
  try {
    await body(databaseUrl)
  } finally {
    // what is registered last ends last
    t.after(() => Promise.all(ends.map((end) => end())))
  }
}
