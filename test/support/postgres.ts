import { randomBytes } from 'node:crypto'
import { after, type TestContext } from 'node:test'

import pg from 'pg'

import { PostgresMissingError } from './postgres-binaries.ts'
import { SERVER_URL_VARIABLE, startPostgresServer } from './postgres-server.ts'

/**
 * The address of a new database for this test. Undefined when PostgreSQL can't be had: then the test
 * is marked as skipped and must return, or it fails when `PACKYARD_TEST_REQUIRE` is `all`.
 *
 * Its default order is a dictionary's, unlike the bytes' order that our own columns must have.
 */
export async function startPostgres(t: Pick<TestContext, 'skip'>): Promise<string | undefined> {
  const server = await serverUrl().catch((error: unknown) => {
    if (!(error instanceof PostgresMissingError) || process.env['PACKYARD_TEST_REQUIRE'] === 'all') throw error
    t.skip(error.message)
  })
  if (server === undefined) return undefined
  const name = `test_${randomBytes(8).toString('hex')}`
  await administer(server, `create database ${name} template template0 locale_provider icu icu_locale 'en-US'`)
  databases.push({ server, name })
  const url = new URL(server)
  url.pathname = name
  return url.href
}

/** Dropped when all tests of the file have ended, as those that use them end in an order that they choose. */
const databases: { readonly server: string; readonly name: string }[] = []
after(async () => {
  for (const { server, name } of databases) {
    // What is left over goes with the server; it says nothing about what was tested.
    await administer(server, `drop database ${name} with (force)`).catch((error: Error) => process.emitWarning(error))
  }
})

/** One for all tests of this process, which ends with it; none when the runner has one for everybody. */
const ownServer = ((): (() => Promise<string>) => {
  let started: Promise<string> | undefined
  return async () => (started ??= startPostgresServer().then(({ url }) => url))
})()

async function serverUrl(): Promise<string> {
  return process.env[SERVER_URL_VARIABLE] ?? ownServer()
}

async function administer(server: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: server })
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
