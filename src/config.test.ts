import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ConfigSources, parseConfig, settingNames, settings } from './config.ts'
import { showConfig } from './config/show.ts'

const parse = (sources: Partial<ConfigSources>) => parseConfig({ flags: {}, env: {}, file: undefined, ...sources })
const yaml = (content: unknown) => ({ name: 'packyard.yaml', content })

const refusal = (sources: Partial<ConfigSources>): string => {
  try {
    parse(sources)
  } catch (error) {
    assert.ok(error instanceof Error)
    assert.equal(error.name, 'SettingError')
    assert.doesNotMatch(error.message, /\n/)
    return error.message
  }
  return assert.fail('nothing was refused')
}

test('With nothing given, every setting has its default', () => {
  const config = parse({})
  assert.equal(config.host, '127.0.0.1')
  assert.equal(config.port, 8686)
  assert.equal(config.dataDir, 'packyard-data')
  assert.equal(config.region, 'us-east-1')
  assert.equal(config.assetBytesMax, 5_368_709_120)
  assert.ok(Object.isFrozen(config))
})

test('Flags win over the environment, that over the file', () => {
  const file = yaml({ port: 1, host: 'a', region: 'eu-west-1' })
  const config = parse({ flags: { port: '3' }, env: { PACKYARD_PORT: '2', PACKYARD_HOST: 'b' }, file })
  assert.deepEqual([config.port, config.host, config.region], [3, 'b', 'eu-west-1'])
})

test('A value that is not allowed is refused in one line with its name, itself and the rule', () => {
  const rule = 'must be a whole number from 0 to 65535'
  assert.equal(refusal({ env: { PACKYARD_PORT: '99999' } }), `PACKYARD_PORT '99999' ${rule}`)
  assert.equal(refusal({ flags: { port: '-1' } }), `--port '-1' ${rule}`)
  assert.equal(refusal({ file: yaml({ port: [1] }) }), `packyard.yaml: port '[1]' ${rule}`)
  assert.match(refusal({ env: { PACKYARD_LOG_LEVEL: 'loud' } }), /must be one of debug, info, warn, error, silent$/)
  assert.match(refusal({ env: { PACKYARD_ACCOUNT_ID: '12' } }), /'12' must be an account id of 12 digits$/)
  assert.match(refusal({ env: { PACKYARD_PUBLIC_URL: 'ftp://x' } }), /must be an http or https address/)
})

test('A name that does not exist is refused, and the one that was meant is named', () => {
  assert.match(refusal({ env: { PACKYARD_PROT: '1' } }), /^environment variable PACKYARD_PROT .* PACKYARD_PORT\?$/)
  assert.match(refusal({ file: yaml({ publicURI: 'x' }) }), /^packyard.yaml: 'publicURI' .* publicUrl\?$/)
  assert.match(
    refusal({ env: { PACKYARD_SHINE: 'auto' } }),
    /^environment variable PACKYARD_SHINE is no setting; allowed: /,
  )
  assert.match(refusal({ file: yaml(['port']) }), /must be a mapping/)
  assert.doesNotMatch(refusal({ env: { PACKYARD_DATABASE_PASWORD: 'hunter2' } }), /hunter2/)
})

test('Variables of the tests and of others are left alone, and an empty variable counts as not given', () => {
  assert.equal(parse({ env: { PACKYARD_TEST_REQUIRE: 'all', PORT: 'x', PACKYARD_PORT: '' } }).port, 8686)
})

test('The address of an object store says everything about it, and is never shown', () => {
  const endpoint = encodeURIComponent('http://127.0.0.1:9000')
  const config = parse({
    env: { PACKYARD_BLOB_URL: `s3://me%3Atoo:se%2Fcret@bucket/a/b/?endpoint=${endpoint}&region=eu-west-1&sse=AES256` },
  })
  assert.deepEqual(config.blobUrl, {
    bucket: 'bucket',
    prefix: 'a/b/',
    endpoint: 'http://127.0.0.1:9000',
    region: 'eu-west-1',
    credentials: { accessKeyId: 'me:too', secretAccessKey: 'se/cret' },
    redirect: undefined,
    storeEncryption: { algorithm: 'AES256', keyId: undefined },
  })
  assert.equal(showConfig(config).blobUrl, '***')
  const wrong = [
    's3://key@bucket/',
    's3:///x',
    'https://bucket/',
    's3://bucket/?sse=rot13',
    's3://bucket/?secret=x',
    's3://bucket/?redirect=on',
    's3://bucket/?sse=AES256&redirect=elsewhere',
  ]
  for (const url of wrong) {
    assert.match(
      refusal({ env: { PACKYARD_BLOB_URL: url } }),
      /^PACKYARD_BLOB_URL '\*\*\*' must be s3:\/\/bucket\/prefix/,
    )
  }
})

test('Sizes may be written with a unit', () => {
  assert.equal(parse({ env: { PACKYARD_INDEX_CACHE_BYTES: '2MiB' } }).indexCacheBytes, 2_097_152)
  assert.equal(parse({ file: yaml({ indexCacheBytes: 4096 }) }).indexCacheBytes, 4096)
  assert.match(refusal({ env: { PACKYARD_INDEX_CACHE_BYTES: '2MB' } }), /with KiB, MiB or GiB/)
})

test('External connections are read from JSON and from YAML', () => {
  const connections = { 'public:npmjs': { url: 'http://127.0.0.1:9000' } }
  for (const sources of [
    { env: { PACKYARD_EXTERNAL_CONNECTIONS: JSON.stringify(connections) } },
    { file: yaml({ externalConnections: connections }) },
  ]) {
    assert.equal(parse(sources).externalConnections.get('public:npmjs')?.url?.href, 'http://127.0.0.1:9000/')
  }
  const wrong = { 'public:npmjs': { url: 'x', token: 't0ken' } }
  const line = refusal({ env: { PACKYARD_EXTERNAL_CONNECTIONS: JSON.stringify(wrong) } })
  assert.match(line, /^PACKYARD_EXTERNAL_CONNECTIONS: externalConnections.public:npmjs.url 'x' must be/)
  assert.match(refusal({ env: { PACKYARD_EXTERNAL_CONNECTIONS: '{' } }), /must be JSON/)
})

test('The usual proxy variables are read in either case', () => {
  const config = parse({ env: { https_proxy: 'http://proxy.test:3128', NO_PROXY: 'localhost,.test' } })
  assert.deepEqual([config.httpsProxy, config.noProxy], ['http://proxy.test:3128/', 'localhost,.test'])
})

test('A secret is shown as stars', () => {
  const databaseUrl = 'postgres://packyard:hunter2@db.test/packyard'
  const shown = showConfig(parse({ env: { PACKYARD_DATABASE_URL: databaseUrl } }))
  assert.equal(shown.databaseUrl, '***')
  assert.doesNotMatch(JSON.stringify(shown), /hunter2/)
})

test('Every name stands once, and every sentence ends', () => {
  const rows = settingNames.map((name) => settings[name])
  for (const names of [rows.map(({ env }) => env), rows.flatMap(({ flag }) => flag ?? [])]) {
    assert.equal(new Set<string>(names).size, names.length)
  }
  for (const { about } of rows) assert.match(about, /^[A-Z].*\.$/)
})
