import assert from 'node:assert/strict'
import { gunzipSync } from 'node:zlib'
import { request } from 'undici'
import type { Upstream } from '../test/support/upstream.ts'
import type { Endpoint } from './contestants.ts'
import { smallPackage, smallVersion, wideFileCount, widePackage, wideProject, wideVersionCount } from './fixture.ts'

/** A format that scenarios are about. */
export type Spoken = 'npm' | 'pypi'

/** One kind of request that is measured. */
export interface Scenario {
  readonly name: string
  readonly title: string
  readonly format: Spoken
  /** Below the endpoint's address. */
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
    format: 'npm',
    path: widePackage,
    headers: { ...gzipped, accept: 'application/json' },
    status: 200,
  },
  {
    name: 'abbreviated',
    title: 'packument, abbreviated',
    format: 'npm',
    path: widePackage,
    headers: abbreviated,
    status: 200,
  },
  {
    name: 'unchanged',
    title: 'packument, 304',
    format: 'npm',
    path: widePackage,
    headers: abbreviated,
    status: 304,
  },
  {
    name: 'tarball',
    title: 'tarball of 10 kB',
    format: 'npm',
    path: `${smallPackage}/-/${smallPackage}-${smallVersion}.tgz`,
    headers: {},
    status: 200,
  },
  {
    name: 'simple-page-json',
    title: 'simple page, JSON',
    format: 'pypi',
    path: `simple/${wideProject}/`,
    headers: { ...gzipped, accept: 'application/vnd.pypi.simple.v1+json' },
    status: 200,
  },
  {
    name: 'simple-page-html',
    title: 'simple page, HTML',
    format: 'pypi',
    path: `simple/${wideProject}/`,
    headers: { ...gzipped, accept: 'application/vnd.pypi.simple.v1+html' },
    status: 200,
  },
]

/**
 * Sends a scenario's request once, checks that the answer is right, and gives what the load generator needs. A second
 * request makes it warm, and tells the ETag for the one that is to get a 304.
 */
export async function probe(scenario: Scenario, endpoint: Endpoint, upstream: Upstream): Promise<Probe> {
  const url = new URL(scenario.path, endpoint.url).href
  const plain = { ...endpoint.headers, ...scenario.headers }
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
  if (scenario.name === 'simple-page-html') {
    assert.equal(String(body).split('<a href=').length - 1, wideFileCount, 'the page has all files')
    return
  }
  if (scenario.name === 'simple-page-json') {
    const { files } = JSON.parse(String(body)) as { files: readonly object[] }
    assert.equal(files.length, wideFileCount, 'the page has all files')
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
