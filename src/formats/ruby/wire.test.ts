import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { gunzipSync, gzipSync, inflateSync } from 'node:zlib'
import { CreateRepositoryCommand, DeletePackageCommand } from '@aws-sdk/client-codeartifact'
import { buildGem, type GemInput, metadataOf, packGem } from '../../../test/support/gem-file.ts'
import { type Packyard, startPackyard } from '../../../test/support/packyard.ts'
import { packTarball } from '../../../test/support/tarball.ts'
import { startUpstream, type Upstream } from '../../../test/support/upstream.ts'

const md5 = (text: string | Buffer) => createHash('md5').update(text).digest('hex')

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly bytes: Buffer
}

class Wire {
  readonly yard: Packyard
  readonly upstream: Upstream
  readonly #token: string

  constructor(yard: Packyard, upstream: Upstream, token: string) {
    this.yard = yard
    this.upstream = upstream
    this.#token = token
  }

  async ask(method: string, path: string, init: RequestInit & { repository?: string } = {}): Promise<Answer> {
    const endpoint = await this.yard.endpoint(init.repository ?? 'main', 'ruby')
    const headers = { authorization: `Bearer ${this.#token}`, ...(init.headers as Record<string, string>) }
    const response = await fetch(endpoint + path, { ...init, method, headers })
    const bytes = Buffer.from(await response.arrayBuffer())
    return { status: response.status, headers: response.headers, text: bytes.toString(), bytes }
  }

  get(path: string, headers: Record<string, string> = {}, repository = 'main'): Promise<Answer> {
    return this.ask('GET', path, { headers, repository })
  }

  push(input: GemInput | Buffer, path = 'api/v1/gems'): Promise<Answer> {
    const body = Buffer.isBuffer(input) ? input : buildGem(input).bytes
    return this.ask('POST', path, { body, headers: { 'content-type': 'application/octet-stream' } })
  }

  yank(fields: Record<string, string>): Promise<Answer> {
    return this.ask('DELETE', 'api/v1/gems/yank', { body: new URLSearchParams(fields) })
  }
}

async function open(t: TestContext, gems: readonly GemInput[] = []): Promise<Wire> {
  const upstream = await startUpstream(t, { ruby: gems })
  const connections = { 'public:ruby-gems-org': { url: upstream.url, ttlSeconds: 0 } }
  const yard = await startPackyard(t, { processes: 1, connections })
  return new Wire(yard, upstream, await yard.token())
}

test('a gem is pushed, listed in every index, and taken back', async (t) => {
  const wire = await open(t)
  const gem = buildGem({ name: 'acme-tool', version: '1.10', dependencies: { rack: '>= 2.0' } })

  await t.test('push says what it made, and the same again is no mistake', async () => {
    const made = await wire.push(gem.bytes)
    assert.deepEqual([made.status, made.text], [200, 'Successfully registered gem: acme-tool (1.10)\n'])
    assert.equal((await wire.push(gem.bytes)).text, 'Gem was already pushed: acme-tool (1.10)\n')
    assert.equal((await wire.push(gem.bytes, '/api/v1/gems')).status, 200, 'behind two slashes')
    assert.deepEqual(await wire.yard.versions('main', 'acme-tool', 'ruby'), ['1.10 Published INTERNAL'])
  })

  await t.test('other bytes, other spellings and another case are refused', async () => {
    const other = await wire.push({ name: 'acme-tool', version: '1.10' })
    assert.equal(other.status, 409)
    assert.match(other.text, /^Repushing of gem versions is not allowed\./)
    const spelled = await wire.push('acme-tool@1.10.0')
    assert.match(spelled.text, /the same version as 1\.10/)
    const cased = await wire.push('Acme-Tool@1.0')
    assert.deepEqual([cased.status, /differs only in case/.test(cased.text)], [409, true])
  })

  await t.test('info and versions say the same, with digests of the whole', async () => {
    const info = await wire.get('info/acme-tool')
    const line = `1\\.10 rack:>= 2\\.0\\|checksum:${gem.sha256},ruby:>= 2\\.0,created_at:\\d{4}-\\d\\d-\\d\\dT[\\d:]{8}Z\\n`
    assert.match(info.text, new RegExp(`^---\\n${line}$`))
    assert.equal(info.headers.get('etag'), `"${md5(info.text)}"`)
    const versions = await wire.get('versions')
    assert.match(versions.text, new RegExp(`^created_at: .*\\n---\\nacme-tool 1\\.10 ${md5(info.text)}\\n$`))
    const sha256 = createHash('sha256').update(versions.text).digest('base64')
    assert.equal(versions.headers.get('repr-digest'), `sha-256=:${sha256}:`)
    assert.equal((await wire.ask('HEAD', 'versions')).status, 200)
    assert.equal((await wire.get('names')).text, '---\nacme-tool\n')
    assert.equal((await wire.get('info/unknown')).status, 404)
  })

  await t.test('who has an earlier state gets what came after', async () => {
    const before = await wire.get('versions')
    const etag = before.headers.get('etag') ?? ''
    assert.equal((await wire.get('versions', { 'if-none-match': etag })).status, 304)
    await wire.push({ name: 'acme-tool', version: '1.10', platform: 'x86_64-linux' })
    const range = { 'if-none-match': etag, range: `bytes=${before.bytes.length - 1}-` }
    const part = await wire.get('versions', range)
    assert.equal(part.status, 206)
    assert.match(part.text, /^\nacme-tool 1\.10-x86_64-linux [0-9a-f]{32}\n$/)
    const whole = await wire.get('versions')
    assert.equal(part.headers.get('repr-digest'), whole.headers.get('repr-digest'))
    assert.equal(before.text + part.text.slice(1), whole.text)
    const stranger = await wire.get('versions', { 'if-none-match': `"${md5('other')}"`, range: 'bytes=10-' })
    assert.deepEqual([stranger.status, stranger.text], [200, whole.text])
    const beyond = await wire.get('versions', { 'if-none-match': etag, range: 'bytes=999999-' })
    assert.equal(beyond.status, 200, 'never 416')
    const gzipped = await wire.get('versions', { 'accept-encoding': 'gzip' })
    assert.equal(gzipped.text, whole.text)
  })

  await t.test('the old indexes and the dependency API tell it too', async () => {
    const specs = gunzipSync((await wire.get('specs.4.8.gz')).bytes)
    assert.equal(specs.subarray(0, 4).toString('hex'), '04085b07')
    assert.equal((await wire.get('prerelease_specs.4.8')).bytes.toString('hex'), '04085b00')
    const quick = inflateSync((await wire.get('quick/Marshal.4.8/acme-tool-1.10.gemspec.rz')).bytes)
    assert.match(quick.toString('latin1'), /Gem::Specification.*What acme-tool does/s)
    assert.equal((await wire.get('api/v1/dependencies')).bytes.toString('hex'), '04085b00')
    const json = JSON.parse((await wire.get('api/v1/dependencies.json?gems=acme-tool%2Cother')).text)
    assert.deepEqual(json[0], {
      name: 'acme-tool',
      number: '1.10',
      platform: 'ruby',
      dependencies: [['rack', '>= 2.0']],
    })
    const names = (count: number) => Array.from({ length: count }, (_, i) => `g${i}`).join(',')
    assert.equal((await wire.get(`api/v1/dependencies?gems=${names(60)}`)).status, 200)
    const many = await wire.get(`api/v1/dependencies?gems=${names(501)}`)
    assert.match(many.text, /^The number of dependencies in the request 501 exceeded the limit of 500 per request\.\n$/)
    assert.equal(many.status, 400)
  })

  await t.test('gems are downloaded by their full name, and read by tools', async () => {
    const file = await wire.get('gems/acme-tool-1.10.gem')
    assert.deepEqual(file.bytes, gem.bytes)
    assert.equal((await wire.get('gems/acme-tool-9.gem')).status, 404)
    const told = JSON.parse((await wire.get('api/v1/gems/acme-tool.json')).text)
    assert.deepEqual([told.version, told.authors, told.sha], ['1.10', 'Ada', gem.sha256])
    assert.deepEqual(JSON.parse((await wire.get('api/v1/versions/acme-tool/latest.json')).text), { version: '1.10' })
    assert.equal(JSON.parse((await wire.get('api/v1/search.json?query=tool')).text).length, 1)
    assert.equal(JSON.parse((await wire.get('api/v1/versions/acme-tool.json')).text).length, 2)
    assert.equal((await wire.get('api/v1/gems/acme-tool/owners.yaml')).text, '--- []\n')
    const refused = await wire.ask('POST', 'api/v1/gems/acme-tool/owners', { body: 'email=a@b' })
    assert.deepEqual([refused.status, /policies/.test(refused.text)], [403, true])
  })

  await t.test('a yank takes back one platform, and the version with the last of them', async () => {
    const before = await wire.get('versions')
    const one = await wire.yank({ gem_name: 'acme-tool', version: '1.10', platform: 'x86_64-linux' })
    assert.equal(one.text, 'Successfully deleted gem: acme-tool (1.10-x86_64-linux)\n')
    assert.doesNotMatch((await wire.get('info/acme-tool')).text, /x86_64/)
    await wire.get('versions')
    assert.deepEqual(await wire.yard.versions('main', 'acme-tool', 'ruby'), ['1.10 Published INTERNAL'])
    assert.equal((await wire.yank({ gem_name: 'acme-tool', version: '1.10' })).status, 200)
    assert.deepEqual(await wire.yard.versions('main', 'acme-tool', 'ruby'), ['1.10 Unlisted INTERNAL'])
    assert.equal((await wire.get('info/acme-tool')).text, '---\n')
    const after = await wire.get('versions')
    assert.ok(after.text.startsWith(before.text))
    const lines = after.text.slice(before.text.length)
    assert.match(lines, new RegExp(`^acme-tool -1\\.10-x86_64-linux \\w+\\nacme-tool -1\\.10 ${md5('---\n')}\\n$`))
    assert.equal((await wire.get('gems/acme-tool-1.10.gem')).status, 200, 'lock files go on working')
    assert.equal((await wire.get('quick/Marshal.4.8/acme-tool-1.10.gemspec.rz')).status, 404)
    assert.equal((await wire.push(gem.bytes)).status, 409)
    assert.equal((await wire.yank({ gem_name: 'acme-tool', version: '3' })).status, 404)
    assert.equal((await wire.get('names')).text, '---\n')
  })

  await t.test('what signs in is given its token back as the key', async () => {
    const token = await wire.yard.token()
    const authorization = `Basic ${Buffer.from(`me:${token}`).toString('base64')}`
    const key = await wire.ask('POST', 'api/v1/api_key', { headers: { authorization } })
    assert.equal(key.text, `Bearer ${token}`)
    const nobody = await wire.get('versions', { authorization: 'Bearer nonsense' })
    assert.deepEqual([nobody.status, nobody.headers.get('www-authenticate')?.startsWith('Basic')], [401, true])
  })
})

test('public gems are seen through a merged view, and stay when the upstream is gone', async (t) => {
  const wire = await open(t, [
    'rack@2.0',
    { name: 'deep-1', version: '2.0', dependencies: { rack: '>= 2.0' }, createdAt: '2026-01-02T03:04:05Z' },
    { name: 'deep-1', version: '2.0', platform: 'java' },
  ])
  await wire.push('own@1.0')

  await t.test('versions has the upstream lines and our own, and grows with both', async () => {
    const before = await wire.get('versions')
    assert.match(before.text, /\nrack 2\.0 \w+\ndeep-1 2\.0 \w+\ndeep-1 2\.0-java \w+\nown 1\.0 \w+\n$/)
    wire.upstream.ruby.add('rack@2.1')
    await wire.push('own@1.1')
    const after = await wire.get('versions', {
      'if-none-match': before.headers.get('etag') ?? '',
      range: `bytes=${before.bytes.length - 1}-`,
    })
    assert.equal(after.status, 206)
    assert.match(after.text, /^\nrack 2\.1 \w+\nown 1\.1 \w+\n$/)
    const asked = wire.upstream.requests.filter(({ path, headers }) => path === '/versions' && headers.range)
    assert.ok(
      asked.some(({ status }) => status === 206),
      'only what is new is asked for',
    )
  })

  await t.test('a gem is verified and retained, whatever dashes its name has', async () => {
    assert.match(
      (await wire.get('info/deep-1')).text,
      /2\.0 rack:>= 2\.0\|checksum:\w{64},ruby:>= 2\.0,created_at:2026-01-02T03:04:05Z\n/,
    )
    const file = await wire.get('gems/deep-1-2.0.gem')
    assert.deepEqual(file.bytes, wire.upstream.ruby.gem('deep-1', '2.0').bytes)
    assert.deepEqual((await wire.get('gems/deep-1-2.0-java.gem')).status, 200)
    const quick = inflateSync((await wire.get('quick/Marshal.4.8/deep-1-2.0.gemspec.rz')).bytes)
    assert.match(quick.toString('latin1'), /What deep-1 does/)
    const offered = inflateSync((await wire.get('quick/Marshal.4.8/rack-2.1.gemspec.rz')).bytes)
    assert.match(offered.toString('latin1'), /Gem::Specification/)
  })

  await t.test('other bytes than the index promises are never stored', async () => {
    wire.upstream.break('/gems/rack-2.0.gem', { kind: 'wrong bytes' })
    assert.equal((await wire.get('gems/rack-2.0.gem')).status, 503)
    wire.upstream.repair('/gems/rack-2.0.gem')
    assert.deepEqual(await wire.yard.versions('main', 'rack', 'ruby'), [])
  })

  await t.test('a public version may not be pushed over', async () => {
    const answer = await wire.push({ name: 'rack', version: '2.0', metadata: ['x: y'] })
    assert.equal(answer.status, 409)
  })

  await t.test('without the upstream, all of it is still listed', async () => {
    const known = await wire.get('versions')
    await wire.upstream.stop()
    await wire.yard.restart()
    assert.match((await wire.get('versions')).text, /\nrack 2\.1 /)
    assert.ok(known.text.length > 0)
    assert.equal((await wire.get('gems/deep-1-2.0.gem')).status, 200)
    assert.match((await wire.get('info/rack')).text, /2\.1/)
  })
})

test('one server for all that needs it empty', async (t) => {
  const wire = await open(t)
  await t.test('gems that are none are refused with a sentence, and nothing is stored', (t) => refuseHostile(wire, t))
  await t.test('repositories behind a repository stand in its index', () => readFromBehind(wire))
  await t.test('attestations come with a push in a form, and are told again', () => pushWithAttestations(wire))
})

async function refuseHostile(wire: Wire, t: TestContext): Promise<void> {
  const before = await wire.yard.storedFiles()
  const plain = { name: 'bad', version: '1.0' }
  const data = packTarball([{ path: 'lib/bad.rb', content: '1' }])
  const withMetadata = (metadata: string | Buffer) =>
    packGem({ 'metadata.gz': gzipSync(metadata), 'data.tar.gz': data })
  const withData = (bytes: Buffer) => packGem({ 'metadata.gz': gzipSync(metadataOf(plain)), 'data.tar.gz': bytes })
  const laughs = [
    'a: &a [x, x]',
    ...'bcdefghij'
      .split('')
      .map(
        (c, i) =>
          `${c}: &${c} [${'*'}${'abcdefghi'[i]}, *${'abcdefghi'[i]}, *${'abcdefghi'[i]}, *${'abcdefghi'[i]}, *${'abcdefghi'[i]}, *${'abcdefghi'[i]}]`,
      ),
  ]
  const hostile: [string, Buffer, RegExp][] = [
    ['text', Buffer.from('not a gem'), /ends inside a header/],
    ['nothing', Buffer.alloc(0), /holds no data\.tar\.gz/],
    ['half of one', buildGem(plain).bytes.subarray(0, 1500), /ends inside/],
    [
      'another file',
      packGem({ 'metadata.gz': gzipSync(metadataOf(plain)), 'data.tar.gz': data, 'evil.sh': data }),
      /evil\.sh/,
    ],
    ['another class', withMetadata(metadataOf({ ...plain, metadata: ['evil: !ruby/object:Kernel {}'] })), /Kernel/],
    ['laughs', withMetadata(metadataOf({ ...plain, metadata: laughs })), /alias/],
    ['brackets', withMetadata(`a: ${'['.repeat(100_000)}`), /nests too deeply/],
    ['a version with a dash', withMetadata(metadataOf({ ...plain, version: '1.0-2' })), /without "-"/],
    ['a name of dots', withMetadata(metadataOf({ ...plain, name: '../up' })), /must be letters/],
    ['a path outside', withData(packTarball([{ path: '../up', content: 'x' }])), /outside/],
    ['a link outside', withData(packTarball([{ path: 'l', type: '2', linkPath: '/etc/passwd' }])), /link/],
    ['metadata without end', withMetadata(Buffer.alloc(11 * 1024 * 1024, 'a')), /metadata\.gz cannot be unpacked/],
    ['a file twice', twice(buildGem(plain).bytes), /twice/],
    [
      'a signature that is none',
      packGem({
        'metadata.gz': gzipSync(metadataOf(plain)),
        'data.tar.gz': data,
        'data.tar.gz.sig': Buffer.alloc(2e6),
      }),
      /larger than a signature/,
    ],
    ['a device', withData(packTarball([{ path: 'd', type: '3' }])), /device/],
    ['data that is not packed', withData(Buffer.from('plain')), /cannot be unpacked/],
    [
      'a lying checksum',
      packGem({
        'metadata.gz': gzipSync(metadataOf(plain)),
        'data.tar.gz': data,
        'checksums.yaml.gz': gzipSync(`SHA256:\n  data.tar.gz: ${'0'.repeat(64)}\n`),
      }),
      /sha256 of data\.tar\.gz/,
    ],
  ]
  for (const [what, bytes, sentence] of hostile) {
    await t.test(what, async () => {
      const answer = await wire.push(bytes)
      assert.equal(answer.status, 422, answer.text)
      assert.match(answer.text, sentence)
    })
  }
  assert.deepEqual(await wire.yard.storedFiles(), before)
  assert.equal((await wire.get('names')).text, '---\n')
}

/** An archive that begins anew where it ends. */
function twice(tar: Buffer): Buffer {
  const end = tar.findLastIndex((byte) => byte !== 0) + 1
  return Buffer.concat([tar.subarray(0, Math.ceil(end / 512) * 512), tar])
}

async function readFromBehind(wire: Wire): Promise<void> {
  const input = { domain: 'packyard', repository: 'front', upstreams: [{ repositoryName: 'main' }] }
  await wire.yard.sdk.send(new CreateRepositoryCommand(input))
  assert.equal((await wire.get('names', {}, 'front')).text, '---\n')
  await wire.push('behind@1.0')
  assert.match((await wire.get('versions', {}, 'front')).text, /\nbehind 1\.0 /)
  assert.equal((await wire.get('gems/behind-1.0.gem', {}, 'front')).status, 200)
  const command = { domain: 'packyard', repository: 'main', package: 'behind', format: 'ruby' as const }
  await wire.yard.sdk.send(new DeletePackageCommand(command))
  assert.doesNotMatch((await wire.get('versions')).text, /\nbehind /, 'what is gone is not listed')
}

async function pushWithAttestations(wire: Wire): Promise<void> {
  const form = new FormData()
  form.set('gem', new Blob([new Uint8Array(buildGem('signed@1.0').bytes)]), 'some/folder/signed-1.0.gem')
  form.set('attestations', '[{"mediaType":"bundle"}]')
  assert.equal(
    (await wire.ask('POST', 'api/v1/gems', { body: form })).text,
    'Successfully registered gem: signed (1.0)\n',
  )
  const told = await wire.get('api/v1/attestations/signed-1.0.json')
  assert.deepEqual(JSON.parse(told.text), [{ mediaType: 'bundle' }])
}
