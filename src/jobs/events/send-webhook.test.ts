import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { testOnEachDatabase } from '../../../test/support/each-registry.ts'
import { EventBed } from '../../../test/support/event-bed.ts'
import { startPlainServer } from '../../../test/support/plain-server.ts'
import { startWebhook } from '../../../test/support/webhook-receiver.ts'

const CLIENT_SECRET = 'client-secret-that-nobody-sees'

/** An authorization server: counts what it was asked, and gives the next token. Source: RFC 6749 4.4. */
async function startIssuer(t: TestContext, expiresInSeconds = 3600) {
  const asked: { method: string; query: string; form: string; header: string }[] = []
  const state = { status: 200 }
  const server = await startPlainServer(t, (request, response) => {
    void text(request).then((form) => {
      const { search } = new URL(request.url ?? '', 'http://issuer')
      asked.push({
        method: request.method ?? '',
        query: search,
        form,
        header: String(request.headers['x-tenant'] ?? ''),
      })
      const token = { access_token: `token-${asked.length}`, token_type: 'Bearer', expires_in: expiresInSeconds }
      response.writeHead(state.status, { 'content-type': 'application/json' })
      response.end(state.status === 200 ? JSON.stringify(token) : JSON.stringify({ error: 'invalid_client' }))
    })
  })
  return { url: `${server.url.href}token`, asked, state }
}

const oauthOf = (endpoint: string, method: 'GET' | 'POST' = 'POST') => ({
  endpoint,
  method,
  clientId: 'packyard',
  clientSecret: CLIENT_SECRET,
  headers: { 'x-tenant': 'blue' },
  query: { version: '2' },
  body: { audience: 'ci', scope: 'builds' },
})

testOnEachDatabase('a token by client credentials is used until it ends or is refused', async (t, open) => {
  const registry = await open()
  await registry.setUp('main')
  const bed = new EventBed(registry)
  const issuer = await startIssuer(t)
  let refused = ''
  const webhook = await startWebhook(t, ({ headers }) => (headers['authorization'] === refused ? 401 : 200))
  bed.allow(issuer.url)
  await bed.sendTo({ name: 'ci', url: webhook.url, secrets: { oauth: oauthOf(issuer.url) } })
  const running = bed.start(t)
  const arrive = async (version: string) => {
    await registry.publish('main', 'lib', version)
    return bed.settle(running)
  }
  await arrive('1.0.0')
  await arrive('1.0.1')
  registry.now += 3_600_000
  await arrive('1.0.2')
  refused = 'Bearer token-2'
  const [waiting] = await arrive('1.0.3')
  assert.match(waiting?.last_error ?? '', /webhook answered 401/)
  registry.now = waiting?.due_at ?? 0
  assert.deepEqual(await bed.settle(running), [])
  const used = webhook.taken().map(({ headers }) => headers['authorization'])
  assert.deepEqual(used, ['Bearer token-1', 'Bearer token-1', 'Bearer token-2', 'Bearer token-3'])
  const [first] = issuer.asked
  assert.deepEqual(
    { ...first, form: Object.fromEntries(new URLSearchParams(first?.form)) },
    {
      method: 'POST',
      query: '?version=2',
      header: 'blue',
      form: {
        grant_type: 'client_credentials',
        client_id: 'packyard',
        client_secret: CLIENT_SECRET,
        audience: 'ci',
        scope: 'builds',
      },
    },
  )
})

testOnEachDatabase(
  'an authorization server that refuses is asked again later; what it said shows no secret',
  async (t, open) => {
    const registry = await open()
    await registry.setUp('main')
    const bed = new EventBed(registry)
    const issuer = await startIssuer(t)
    const webhook = await startWebhook(t, () => 200)
    bed.allow(issuer.url)
    await bed.sendTo({ name: 'ci', url: webhook.url, secrets: { oauth: oauthOf(issuer.url, 'GET') } })
    const running = bed.start(t)
    for (const status of [400, 500]) {
      issuer.state.status = status
      await registry.publish('main', `lib-${status}`, '1.0.0')
      const rows = await bed.settle(running)
      const row = rows.find(({ attempts, last_error: error }) => attempts > 0 && error?.includes(String(status)))
      assert.ok(row, `nothing says ${status}: ${rows.map(({ last_error: error }) => error).join()}`)
      for (const { last_error: error } of rows) assert.equal(error?.includes(CLIENT_SECRET), false)
    }
    assert.equal(webhook.requests.length, 0, 'no request goes out without its token')
    issuer.state.status = 200
    registry.now += 600_000
    assert.deepEqual(await bed.settle(running), [])
    assert.equal(webhook.taken().length, 2)
    const [first] = issuer.asked
    assert.deepEqual([first?.method, first?.form], ['GET', ''])
    assert.equal(new URLSearchParams(first?.query).get('client_secret'), CLIENT_SECRET)
  },
)

testOnEachDatabase('an authorization server inside is refused like a webhook there', async (t, open) => {
  const registry = await open()
  await registry.setUp('main')
  const bed = new EventBed(registry)
  const issuer = await startIssuer(t)
  const webhook = await startWebhook(t, () => 200)
  await bed.sendTo({ name: 'ci', url: webhook.url, secrets: { oauth: oauthOf(issuer.url) } })
  await registry.publish('main', 'lib', '1.0.0')
  const [row] = await bed.settle(bed.start(t))
  assert.match(row?.last_error ?? '', /loopback address, which is refused/)
  assert.equal(issuer.asked.length, 0)
})

testOnEachDatabase('path, query and headers of target and connection go along', async (t, open) => {
  const registry = await open()
  await registry.setUp('main')
  const bed = new EventBed(registry)
  const webhook = await startWebhook(t, () => 200)
  await bed.sendTo({
    name: 'ci',
    url: `${webhook.url}/*/run`,
    settings: {
      HttpParameters: {
        PathParameterValues: ['a/b'],
        QueryStringParameters: { branch: 'main', key: 'of the target' },
        HeaderParameters: { 'X-Who': 'target', 'X-Own': 'target' },
      },
    },
    secrets: { headers: { 'x-who': 'connection' }, query: { key: 'of the connection' } },
  })
  await registry.publish('main', 'lib', '1.0.0')
  assert.deepEqual(await bed.settle(bed.start(t)), [])
  const [message] = webhook.taken()
  assert.equal(message?.path, '/hook/a%2Fb/run?branch=main&key=of+the+connection')
  assert.deepEqual([message?.headers['x-who'], message?.headers['x-own']], ['connection', 'target'])
})
