import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test, type TestContext } from 'node:test'
import { HttpError, type Reply } from '../http/call.ts'
import { serverLimits } from '../http/limits.ts'
import { startServer } from '../http/server.ts'
import { RegistryError } from '../registry/errors.ts'
import type { RepositorySession } from '../registry/session.ts'
import type { EndpointAddress } from './endpoints.ts'
import type { Format, Route } from './format.ts'
import { createPackagePlane } from './plane.ts'

const json = (status: number, body: unknown): Reply => ({ status, headers: {}, body: JSON.stringify(body) })

/** A format as small as can be: it answers what it was given. */
const echo = {
  id: 'npm',
  routes: [
    { method: 'GET', path: '/', handle: async ({ endpoint }) => json(200, { endpoint }) },
    { method: 'GET', path: '/:package', handle: async ({ endpoint, params }) => json(200, { endpoint, ...params }) },
    { method: 'GET', path: '/-/bug', handle: () => Promise.reject(new TypeError('secret detail')) },
    { method: 'GET', path: '/-/gone', handle: () => Promise.reject(new RegistryError('missing', 'no such thing')) },
    { method: 'GET', path: '/-/who', handle: async (_call, { caller }) => json(200, caller) },
  ] satisfies Route[],
  renderError: ({ kind, message }: RegistryError) => json(kind === 'missing' ? 404 : 400, { error: message, kind }),
  challenge: (realm: string) => `Basic realm="${realm}"`,
} as unknown as Format

interface Answer {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: Record<string, unknown>
}

async function start(t: TestContext, basePath = '') {
  const opened: EndpointAddress[] = []
  const plane = createPackagePlane({
    formats: [echo],
    form: { domainSuffix: 'packages.test', basePath },
    authenticate(call, { domain }) {
      const token = call.header('authorization')
      if (token === undefined) throw new HttpError(401, 'token wanted')
      const caller = { domain, token } as unknown as RepositorySession['caller']
      return token === 'new' ? Promise.resolve(caller) : caller
    },
    openSession(caller, address) {
      opened.push(address)
      const session = { caller } as RepositorySession
      return address.repository === 'cold' ? Promise.resolve(session) : session
    },
    explain: (error) => (error instanceof URIError ? new HttpError(403, error.message) : undefined),
  })
  const server = await startServer({
    planes: [plane],
    host: '127.0.0.1',
    port: 0,
    publicUrl: undefined,
    limits: serverLimits,
    newId: () => 'id',
    clock: () => 0,
    observer: () => {},
  })
  t.after(() => server.drain())
  const get = (path: string, headers: Record<string, string> = { Authorization: 't' }, method = 'GET') =>
    new Promise<Answer>((resolve, reject) => {
      const sent = request(
        { port: server.port, host: '127.0.0.1', path, method, headers, agent: false },
        (response) => {
          const { statusCode = 0, headers: received } = response
          response
            .toArray()
            .then(
              (chunks: Buffer[]) =>
                resolve({ status: statusCode, headers: received, body: JSON.parse(chunks.join('')) }),
              reject,
            )
        },
      )
      sent.on('error', reject).end()
    })
  return { url: server.url, opened, get }
}

test('An endpoint by path: the owner is the last 12 digits, the final slash may be left out', async (t) => {
  const { url, opened, get } = await start(t)
  for (const path of ['/npm/d/a-1-22-111122223333/team', '/npm/d/a-1-22-111122223333/team/']) {
    assert.deepEqual((await get(path)).body, { endpoint: `${url}/npm/d/a-1-22-111122223333/team/` })
  }
  assert.deepEqual(opened[0], { format: 'npm', domain: 'a-1-22', owner: '111122223333', repository: 'team' })
})

test('An endpoint by host: the address that comes back has the host that was used', async (t) => {
  const { opened, get } = await start(t)
  const headers = { Authorization: 't', Host: 'Acme-111122223333.packages.test:8443' }
  const answer = await get('/npm/team/@acme%2Fw', headers)
  assert.deepEqual(answer.body, {
    endpoint: 'http://Acme-111122223333.packages.test:8443/npm/team/',
    package: '@acme/w',
  })
  assert.deepEqual(opened[0], { format: 'npm', domain: 'acme', owner: '111122223333', repository: 'team' })
  const byPath = await get('/npm/d/acme-111122223333/other/', headers)
  assert.equal(byPath.status, 200)
  assert.equal(opened[1]?.repository, 'other')
})

test('The same path on two hosts leads to two domains', async (t) => {
  const { opened, get } = await start(t)
  for (const domain of ['one', 'two', 'one']) {
    await get('/npm/team/', { Authorization: 't', Host: `${domain}-111122223333.packages.test` })
  }
  assert.deepEqual(
    opened.map(({ domain }) => domain),
    ['one', 'two', 'one'],
  )
})

test('A base path that a proxy passes on is skipped', async (t) => {
  const { get } = await start(t, '/yard')
  assert.equal((await get('/yard/npm/d/acme-111122223333/team/react')).body['package'], 'react')
  assert.equal((await get('/npm/d/acme-111122223333/team/react')).body['package'], 'react')
})

test('Caller and session may need waiting for', async (t) => {
  const { get } = await start(t)
  const answer = await get('/npm/d/acme-111122223333/cold/-/who', { Authorization: 'new' })
  assert.deepEqual(answer.body, { domain: 'acme', token: 'new' })
})

test('Without a token the answer is 401 in the shape of the format, with its challenge', async (t) => {
  const { opened, get } = await start(t)
  const answer = await get('/npm/d/acme-111122223333/team/react', {})
  assert.deepEqual([answer.status, answer.body['error']], [401, 'token wanted'])
  assert.equal(answer.headers['www-authenticate'], 'Basic realm="acme/team"')
  assert.equal(opened.length, 0)
})

test('Every failure comes in the shape of the format, and a bug says nothing about itself', async (t) => {
  const { get } = await start(t)
  const base = '/npm/d/acme-111122223333/team'
  const told = async (path: string, method = 'GET') => {
    const { status, body } = await get(path, { Authorization: 't' }, method)
    return [status, body['error']]
  }
  assert.deepEqual(await told(`${base}/-/gone`), [404, 'no such thing'])
  assert.deepEqual(await told(`${base}/-/bug`), [500, 'internal error; request id id'])
  assert.deepEqual(await told(`${base}/a/b/c`), [404, `there is nothing at /a/b/c`])
  assert.deepEqual(await told(`${base}/%zz`), [400, "path segment '%zz' is not valid percent-encoded UTF-8"])
  assert.deepEqual(await told('/npm/elsewhere/x'), [
    404,
    'there is no package endpoint at /npm/elsewhere/x; its address has the form /npm/d/{domain}-{owner}/{repository}/',
  ])
  assert.match(String((await told('/npm/d/acme-111122223333/%2e%2e/'))[1]), /^repository '%2e%2e' must be/)
  assert.match(String((await told('/npm/d/A_-111122223333/team/'))[1]), /^domain 'A_' must be/)
  const wrongMethod = await get(`${base}/react`, { Authorization: 't' }, 'DELETE')
  assert.deepEqual([wrongMethod.status, wrongMethod.headers['allow']], [405, 'GET, HEAD'])
})

test('A format of the service that is not served yet says so', async (t) => {
  const { get } = await start(t)
  const { status, body } = await get('/pypi/d/acme-111122223333/team/simple/')
  assert.equal(status, 404)
  assert.equal(body['message'], "format 'pypi' is not served by this version of Packyard; served: npm")
})
