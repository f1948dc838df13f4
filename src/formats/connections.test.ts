import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { startPlainServer } from '../../test/support/plain-server.ts'
import { parseConnectionSettings } from './connection-settings.ts'
import { createConnections, readableFormats } from './connections.ts'
import { formats } from './index.ts'

const tools = { proxy: {}, userAgent: 'packyard-test', clock: () => 0, random: () => 0 }

function connectionsFrom(setting: unknown) {
  return createConnections(parseConnectionSettings(setting), tools)
}

test('the ten connections of the service are known, each with its format and an address', () => {
  const connections = connectionsFrom({})
  const formats = [...connections].map(([name, { format }]) => `${name} ${format}`)
  assert.deepEqual(formats, [
    'public:npmjs npm',
    'public:pypi pypi',
    'public:nuget-org nuget',
    'public:maven-central maven',
    'public:maven-googleandroid maven',
    'public:maven-gradleplugins maven',
    'public:maven-commonsware maven',
    'public:maven-clojars maven',
    'public:ruby-gems-org ruby',
    'public:crates-io cargo',
  ])
  for (const [name, { source }] of connections) {
    assert.equal(source.name, name)
    assert.match(source.url.href, /^https:\/\/.+(\/|\.json)$/)
    assert.equal(source.indexTtlMs, 300_000)
  }
})

test("a connection of one's own may have each format whose upstreams can be read", () => {
  const readable = formats.filter(({ upstream }) => upstream !== undefined).map(({ id }) => id)
  assert.deepEqual(readableFormats.toSorted(), readable.toSorted())
})

test('npm points where npm itself does', () => {
  const { registry } = createRequire(import.meta.url)('npm-registry-fetch/lib/default-opts.js')
  assert.equal(connectionsFrom({}).get('public:npmjs')?.source.url.href, registry)
})

test('a setting replaces the address, adds credentials and headers, and sets the time to live', async (t) => {
  const server = await startPlainServer(t, (request, response) => response.end(JSON.stringify(request.headers)))
  const setting = { url: server.url.href, token: 'abc', headers: { 'x-team': 'a' }, ttlSeconds: 0 }
  const { source } = connectionsFrom(JSON.stringify({ 'public:pypi': setting })).get('public:pypi') ?? {}
  assert.equal(source?.indexTtlMs, 0)
  const seen = JSON.parse(String(await (await source.request({ url: 'simple/' })).bytes(5000)))
  assert.equal(seen.authorization, 'Bearer abc')
  assert.equal(seen['x-team'], 'a')
  assert.equal(seen['user-agent'], 'packyard-test')
})

test('the root of a folder ends in a slash, and a document does not', () => {
  const connections = connectionsFrom({
    'public:npmjs': { url: 'http://127.0.0.1:9/npm' },
    'public:nuget-org': { url: 'http://127.0.0.1:9/v3/index.json' },
  })
  assert.equal(connections.get('public:npmjs')?.source.url.href, 'http://127.0.0.1:9/npm/')
  assert.equal(connections.get('public:nuget-org')?.source.url.href, 'http://127.0.0.1:9/v3/index.json')
})

test("a name of one's own is a connection like any other", () => {
  const connections = connectionsFrom({ 'corp:npm-mirror': { format: 'npm', url: 'http://10.0.0.1/' } })
  assert.equal(connections.size, 11)
  assert.equal(connections.get('corp:npm-mirror')?.format, 'npm')
})

const wrong: readonly (readonly [setting: unknown, message: RegExp])[] = [
  ['{"public:npmjs": {"token": "s3cret"', /^externalConnections '\*\*\*' must be JSON/],
  [[], /^externalConnections '\[\]' must be an object/],
  [
    { 'public:nmpjs': { url: 'http://a/' } },
    /^externalConnections\.public:nmpjs .*is not known; known are public:npmjs,/,
  ],
  [{ 'public:npmjs': 'http://a/' }, /^externalConnections\.public:npmjs 'http:\/\/a\/' must be an object/],
  [
    { 'public:npmjs': { uri: 'http://a/' } },
    /^externalConnections\.public:npmjs 'uri' is not a member; known are url,/,
  ],
  [{ 'public:npmjs': { url: 'ftp://a/' } }, /^externalConnections\.public:npmjs\.url 'ftp:\/\/a\/' must be an http/],
  [{ 'public:npmjs': { url: 'http://u:s3cret@a/?b' } }, /\.url 'http:\/\/\*\*\*@a\/\?b' must be/],
  [{ 'public:npmjs': { format: 'pypi' } }, /^externalConnections\.public:npmjs\.format 'pypi' must be npm or left out/],
  [
    { 'corp:x': { format: 'generic', url: 'http://a/' } },
    /^externalConnections\.corp:x\.format 'generic' must be one of/,
  ],
  [{ 'corp:x': { format: 'npm' } }, /^externalConnections\.corp:x '' must have a url/],
  [{ 'corp x': { format: 'npm', url: 'http://a/' } }, /^externalConnections\.corp x 'corp x' must be 2 to 100 letters/],
  [{ 'public:npmjs': { headers: { host: 's3cret' } } }, /\.headers\.host '\*\*\*' must be a header that requests may/],
  [{ 'public:npmjs': { headers: { a: 's3cret\r\nb: c' } } }, /\.headers\.a '\*\*\*' must be/],
  [{ 'public:npmjs': { username: 'u' } }, /\.username 'u' must come with a password/],
  [{ 'public:npmjs': { password: 's3cret' } }, /\.username '' must come with a password/],
  [{ 'public:npmjs': { token: 's3cret', username: 'u', password: 'p' } }, /\.token '\*\*\*' must stand alone/],
  [{ 'public:npmjs': { token: 5 } }, /\.token '\*\*\*' must be text/],
  [{ 'public:npmjs': { ca: '/nowhere/ca.pem' } }, /\.ca '\/nowhere\/ca\.pem' must be a certificate in PEM/],
  [{ 'public:npmjs': { ca: '-----BEGIN CERTIFICATE-----\nx' } }, /\.ca '-----BEGIN CERTIFICATE-----' must be/],
  [{ 'public:npmjs': { ttlSeconds: '5' } }, /\.ttlSeconds '5' must be whole seconds/],
  [{ 'public:npmjs': { allowedHosts: ['http://a/'] } }, /\.allowedHosts 'http:\/\/a\/' must be a host/],
]

for (const [setting, message] of wrong) {
  test(`the setting ${JSON.stringify(setting)} is refused in one line without a secret`, () => {
    assert.throws(
      () => parseConnectionSettings(setting),
      (error: Error) => {
        assert.match(error.message, message)
        assert.doesNotMatch(error.message, /s3cret|\n/)
        return true
      },
    )
  })
}
