/**
 * Runs the tests: all of them, or those whose path starts with (or contains) one of the arguments.
 *
 *   npm test                              everything
 *   npm test -- src/registry names        the tests below src/registry, and those with `names` in their path
 *   npm test -- --only='is refused'       the tests whose name matches
 *   npm test -- --seed=123                in the order of an earlier run
 *   npm run scenario npm                  test/scenarios/npm*
 *
 * The last line is `N passed, N failed` (and `, N skipped`). With PACKYARD_TEST_REQUIRE=all a skipped test has failed.
 */
import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { EventData } from 'node:test'
import { type PostgresServer, SERVER_URL_VARIABLE, startPostgresServer } from '../test/support/postgres-server.ts'
import { S3_URL_VARIABLE, s3UrlOf } from '../test/support/s3-address.ts'
import { type S3Server, startS3Server } from '../test/support/s3-server.ts'
import { swift } from '../test/support/s3-swift.ts'
import { reaches } from './imports.ts'

/** Longest time for one test, and for one file of tests. Unit: ms. Ours. */
const TEST_TIMEOUT_MS = 15 * 60_000

interface Outcome {
  passed: number
  failed: number
  readonly skipped: string[]
}

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' }, seed: { type: 'string' }, scenario: { type: 'boolean' } },
})

const files = findFiles()
if (files.length === 0) {
  console.error(`no test file matches ${positionals.join(' ') || 'src and test'}`)
  finish({ passed: 0, failed: 1, skipped: [] })
} else {
  const [database, objects] = await Promise.all([startDatabase(), startObjectStore()])
  try {
    finish(await runFiles())
  } finally {
    await Promise.all([database?.stop(), objects?.stop()])
  }
}

function findFiles(): string[] {
  const prefix = values.scenario ? 'test/scenarios/' : ''
  const wanted = positionals.map((text) => prefix + relative(root, resolve(root, text)))
  return globSync(['{src,test,bench}/**/*.test.ts'], { cwd: root, exclude: ['**/node_modules/**'] })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.startsWith(prefix) && (wanted.length === 0 || wanted.some((text) => file.includes(text))))
    .map((file) => join(root, file))
}

/** One PostgreSQL for the run, when one of the files uses it; the tests make databases of their own in it. */
async function startDatabase(): Promise<PostgresServer | undefined> {
  const support = join(root, 'test/support/postgres.ts')
  if (!files.some((file) => reaches(file, support))) return undefined
  if (process.env[SERVER_URL_VARIABLE]) return undefined
  try {
    const server = await startPostgresServer()
    process.env[SERVER_URL_VARIABLE] = server.url
    return server
  } catch (error) {
    // Each test that needs it says so itself, by name.
    console.error(`no PostgreSQL for this run: ${String(error)}`)
    return undefined
  }
}

/** Likewise one object store, in which the tests make buckets. */
async function startObjectStore(): Promise<S3Server | undefined> {
  const support = join(root, 'test/support/s3.ts')
  if (!files.some((file) => reaches(file, support))) return undefined
  if (process.env[S3_URL_VARIABLE]) return undefined
  try {
    const server = await startS3Server(swift)
    process.env[S3_URL_VARIABLE] = s3UrlOf(server)
    return server
  } catch (error) {
    console.error(`no object store for this run: ${String(error)}`)
    return undefined
  }
}

async function runFiles(): Promise<Outcome> {
  const outcome: Outcome = { passed: 0, failed: 0, skipped: [] }
  const stopped = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stopped.abort())
  const events = run({
    files,
    cwd: root,
    concurrency: availableParallelism(),
    timeout: TEST_TIMEOUT_MS,
    execArgv: ['--import', new URL('./test-guard.ts', import.meta.url).href],
    signal: stopped.signal,
    ...(values.only ? { testNamePatterns: [new RegExp(values.only)] } : {}),
    ...(values.seed ? { randomSeed: Number(values.seed) } : { randomize: true }),
  })
  events.on('test:pass', (event) => countPass(event, outcome))
  events.on('test:fail', (event) => event.details.type === 'suite' || (outcome.failed += 1))
  await new Promise((resolve, reject) => {
    events.compose(spec).on('error', reject).on('end', resolve).pipe(process.stdout, { end: false })
  })
  return outcome
}

function countPass(event: EventData.TestPass, outcome: Outcome): void {
  // Node reports a file without a test in it as one passed test with the file's name.
  const isEmptyFile = event.name === event.file
  if (event.details.type === 'suite') return
  if (isEmptyFile && values.only) return
  if (isEmptyFile) {
    console.error(`${event.name} holds no test`)
    outcome.failed += 1
  } else if (event.skip !== undefined || event.todo !== undefined) outcome.skipped.push(describeSkip(event))
  else outcome.passed += 1
}

function describeSkip({ file, name, skip, todo }: EventData.TestPass): string {
  const reason = [skip, todo].find((text) => typeof text === 'string' && text !== '') ?? 'no reason given'
  return `${relative(root, file ?? root)}: ${name} (${reason})`
}

function finish({ passed, failed, skipped }: Outcome): void {
  const isSkipFailure = process.env.PACKYARD_TEST_REQUIRE === 'all'
  if (skipped.length > 0) {
    console.log(isSkipFailure ? '\nSkipped, but PACKYARD_TEST_REQUIRE=all:' : '\nSkipped:')
    for (const line of skipped.toSorted()) console.log(`  ${line}`)
  }
  if (passed + failed + skipped.length === 0) console.error('no test ran')
  const failures = failed + (isSkipFailure ? skipped.length : 0)
  process.exitCode = failures > 0 || passed === 0 ? 1 : 0
  const tail = !isSkipFailure && skipped.length > 0 ? `, ${skipped.length} skipped` : ''
  console.log(`\n${passed} passed, ${failures} failed${tail}`)
}
