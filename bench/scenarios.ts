import assert from 'node:assert/strict'
import { gunzipSync } from 'node:zlib'
import { request } from 'undici'
import type { Upstream } from '../test/support/upstream.ts'
import { smallPackage, smallVersion, widePackage, wideVersionCount } from './fixture.ts'

/** One kind of request that is measured. */
export interface Scenario {
  readonly name: string
  readonly title: string
  /** Below the registry's address. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly status: 200 | 304
}

/** A request ready to be sent by the load generator, and the answer that it gets. */
export interface Probe {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly status: number
  readonly answerHeaders: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** What npm sends with every request for a document. */
const gzipped = { 'accept-encoding': 'gzip' }

const abbreviated = { ...gzipped, accept: 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*' }

export const scenarios: readonly Scenario[] = [
  {
    name: 'full',
    title: 'packument, full',
    path: widePackage,
    headers: { ...gzipped, accept: 'application/json' },
    status: 200,
  },
  { name: 'abbreviated', title: 'packument, abbreviated', path: widePackage, headers: abbreviated, status: 200 },
  { name: 'unchanged', title: 'packument, 304', path: widePackage, headers: abbreviated, status: 304 },
  {
    name: 'tarball',
    title: 'tarball of 10 kB',
    path: `${smallPackage}/-/${smallPackage}-${smallVersion}.tgz`,
    headers: {},
    status: 200,
  },
]

/**
 * Sends a scenario's request once, checks that the answer is right, and gives what the load generator needs. A second
 * request makes it warm, and tells the ETag for the one that is to get a 304.
 */
export async function probe(
  scenario: Scenario,
  registry: string,
  own: Readonly<Record<string, string>>,
  upstream: Upstream,
): Promise<Probe> {
  const url = new URL(scenario.path, registry).href
  const plain = { ...own, ...scenario.headers }
  const first = await ask(url, plain)
  assert.equal(first.status, 200, `${url} answered ${first.status}: ${first.body.toString('utf8', 0, 300)}`)
  await checkBody(scenario, first, upstream)
  if (scenario.status === 200) return { ...(await ask(url, plain)), url, headers: plain }
  const headers = { ...plain, 'if-none-match': first.answerHeaders['etag'] ?? '' }
  const second = await ask(url, headers)
  assert.equal(second.status, 304, `${url} with its own ETag answered ${second.status}`)
  return { ...second, url, headers }
}

async function checkBody(scenario: Scenario, answer: Omit<Probe, 'url' | 'headers'>, upstream: Upstream) {
  const isGzip = answer.answerHeaders['content-encoding'] === 'gzip'
  const body = isGzip ? gunzipSync(answer.body) : answer.body
  if (scenario.name === 'tarball') {
    assert.deepEqual(body, await upstream.tarball(smallPackage, smallVersion), 'the tarball has the right bytes')
    return
  }
  const { versions } = JSON.parse(String(body)) as { versions: object }
  assert.equal(Object.keys(versions).length, wideVersionCount, 'the packument has all versions')
}

async function ask(url: string, headers: Readonly<Record<string, string>>) {
  const answer = await request(url, { headers })
  const answerHeaders = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as const)
  return {
    status: answer.statusCode,
    answerHeaders: Object.fromEntries(answerHeaders),
    body: Buffer.from(await answer.body.arrayBuffer()),
  }
}
