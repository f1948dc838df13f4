import assert from 'node:assert/strict'
import type { LookupFunction } from 'node:net'
import { test } from 'node:test'
import { startPlainServer } from '../../../test/support/plain-server.ts'
import { createUpstreamSource, type UpstreamSourceOptions } from './upstream-source.ts'

function sourceAt(url: URL, more: Partial<UpstreamSourceOptions> = {}) {
  return createUpstreamSource({ name: 'public:test', url, indexTtlMs: 1, clock: () => 0, random: () => 0.5, ...more })
}

/** Every name means these addresses. */
function resolvingTo(...addresses: string[]): LookupFunction {
  return (_name, options, done) => {
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    if (options.all) done(null, found)
    else done(null, found[0]?.address ?? '', found[0]?.family ?? 0)
  }
}

test('the own host may be anywhere, by name or by address', async (t) => {
  const server = await startPlainServer(t, (_, response) => response.end('ok'))
  assert.equal((await sourceAt(server.url).request({ url: 'x' })).status, 200)
  const byName = new URL(`http://registry.test:${server.url.port}/`)
  const answer = await sourceAt(byName, { lookup: resolvingTo('127.0.0.1') }).request({ url: 'x' })
  assert.equal(String(await answer.bytes(10)), 'ok')
})

const traps = [
  'http://169.254.169.254/latest/meta-data/',
  'http://localhost:PORT/',
  'http://LOCALHOST.:PORT/',
  'http://127.0.0.2:PORT/',
  'http://2130706433:PORT/',
  'http://[::ffff:127.0.0.1]:PORT/',
  'http://[::1]:PORT/',
  'http://0.0.0.0:PORT/',
  'http://files.test:PORT/',
  'file:///etc/passwd',
]

for (const trap of traps) {
  test(`a redirect and an asset at ${trap} are refused before anything is sent`, async (t) => {
    const victim = await startPlainServer(t, (_, response) => response.end('secret'))
    const target = trap.replace('PORT', victim.url.port)
    const server = await startPlainServer(t, (_, response) => response.writeHead(302, { location: target }).end())
    const source = sourceAt(server.url, { lookup: resolvingTo('127.0.0.1') })
    for (const url of ['redirected', target]) {
      await assert.rejects(source.request({ url }), { kind: 'blocked', isUpstreamFailure: true })
    }
    assert.equal(victim.requests.length, 0)
    assert.equal(server.requests.length, 1, 'a refusal is not tried again')
  })
}

test('another port of the own host is another service, and refused inside a private network', async (t) => {
  const victim = await startPlainServer(t, (_, response) => response.end('secret'))
  const server = await startPlainServer(t, (_, response) => response.end('ok'))
  await assert.rejects(sourceAt(server.url).request({ url: victim.url }), {
    kind: 'blocked',
    message: /^public:test points at 127\.0\.0\.1, a loopback address, which is refused; .*allowedHosts/,
  })
  assert.equal(victim.requests.length, 0)
})

test('a name with one forbidden address among public ones is refused', async (t) => {
  const server = await startPlainServer(t, (_, response) => response.end('ok'))
  const source = sourceAt(server.url, { lookup: resolvingTo('203.0.113.7', '10.0.0.1') })
  await assert.rejects(source.request({ url: 'http://files.test/' }), { kind: 'blocked', message: /10\.0\.0\.1/ })
})

test('what the operator allowed is reached: by host, by port, by address, by range', async (t) => {
  const other = await startPlainServer(t, (_, response) => response.end('other'))
  const server = await startPlainServer(t, (_, response) => response.end('ok'))
  const byName = `http://files.test:${other.url.port}/`
  for (const [allowed, url] of [
    ['127.0.0.1', other.url.href],
    [other.url.host, other.url.href],
    ['files.test', byName],
    ['127.0.0.0/8', byName],
    ['127.0.0.0/8', `http://localhost:${other.url.port}/`],
  ] as const) {
    const source = sourceAt(server.url, { allowedHosts: [allowed], lookup: resolvingTo('127.0.0.1') })
    assert.equal(String(await (await source.request({ url })).bytes(10)), 'other', `${allowed} allows ${url}`)
  }
})

test('behind a proxy, addresses and localhost are refused as well', async (t) => {
  const proxy = await startPlainServer(t, (_, response) => response.end('proxied'))
  const source = sourceAt(new URL('http://registry.test/'), { proxy: { http: proxy.url.href } })
  for (const url of ['http://169.254.169.254/', 'http://localhost/', 'http://[fd00::1]/']) {
    await assert.rejects(source.request({ url }), { kind: 'blocked' })
  }
  assert.equal(proxy.requests.length, 0)
})
