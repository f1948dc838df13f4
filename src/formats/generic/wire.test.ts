import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import {
  CreateRepositoryCommand,
  GetPackageVersionAssetCommand,
  UpdatePackageVersionsStatusCommand,
} from '@aws-sdk/client-codeartifact'
import { type Packyard, startPackyard } from '../../../test/support/packyard.ts'
import { assetNames } from './conformance.ts'

interface Wire {
  readonly yard: Packyard
  request(method: string, path: string, init?: RequestInit): Promise<Response>
}

async function open(t: TestContext, env: Record<string, string> = {}): Promise<Wire> {
  const yard = await startPackyard(t, { processes: 1, env, connections: { 'public:npmjs': 'http://127.0.0.1:9/' } })
  const endpoint = await yard.endpoint('main', 'generic')
  const authorization = `Bearer ${await yard.token()}`
  return {
    yard,
    request: (method, path, init = {}) =>
      fetch(endpoint + path, { ...init, method, headers: { authorization, ...init.headers } }),
  }
}

const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes)

test('a generic asset goes in and out by its address', async (t) => {
  const { yard, request } = await open(t)
  const bytes = Buffer.from('0123456789')

  await t.test('PUT publishes, and says what it has made', async () => {
    const made = await request('PUT', 'team/tool/1.0/a.bin?unfinished=true', { body: bytes })
    assert.equal(made.status, 201)
    const { status, asset } = (await made.json()) as { status: string; asset: Record<string, unknown> }
    assert.equal(status, 'Unfinished')
    assert.equal(asset.sha256, sha256(bytes).digest('hex'))
    assert.equal((await request('GET', 'team/tool/1.0/a.bin')).status, 404, 'not before it is Published')
    assert.equal((await request('PUT', 'team/tool/1.0/b.bin', { body: 'b' })).status, 201)
    const again = await request('PUT', 'team/tool/1.0/a.bin', { body: bytes })
    assert.equal(again.status, 200, 'the same again is no mistake')
    assert.deepEqual(await yard.versions('main', '@team/tool', 'generic'), ['1.0 Published INTERNAL'])
    const late = await request('PUT', 'team/tool/1.0/c.bin', { body: 'c' })
    assert.equal(late.status, 409)
    assert.match(((await late.json()) as { message: string }).message, /'team\/tool\/1\.0' with status 'Published'/)
  })

  await t.test('GET and HEAD give it, whole or in part, or say that nothing changed', async () => {
    const whole = await request('GET', 'team/tool/1.0/a.bin')
    const etag = whole.headers.get('etag') ?? ''
    assert.equal(etag, `"${sha256(bytes).digest('hex')}"`)
    assert.equal(whole.headers.get('repr-digest'), `sha-256=:${sha256(bytes).digest('base64')}:`)
    assert.equal(whole.headers.get('accept-ranges'), 'bytes')
    assert.deepEqual(Buffer.from(await whole.arrayBuffer()), bytes)
    const head = await request('HEAD', 'team/tool/1.0/a.bin')
    assert.deepEqual([head.status, head.headers.get('content-length'), head.headers.get('etag')], [200, '10', etag])
    const part = await request('GET', 'team/tool/1.0/a.bin', { headers: { range: 'bytes=2-4' } })
    assert.deepEqual([part.status, part.headers.get('content-range')], [206, 'bytes 2-4/10'])
    assert.equal(await part.text(), '234')
    const outside = await request('GET', 'team/tool/1.0/a.bin', { headers: { range: 'bytes=10-' } })
    assert.equal(outside.status, 416)
    const same = await request('GET', 'team/tool/1.0/a.bin', { headers: { 'if-none-match': etag } })
    assert.equal(same.status, 304)
    const other = await request('GET', 'team/tool/1.0/a.bin', { headers: { range: 'bytes=2-4', 'if-range': '"x"' } })
    assert.equal(other.status, 200)
    await other.arrayBuffer()
  })

  await t.test('lists say which versions there are, and what they hold', async () => {
    assert.equal((await request('PUT', 'team/tool/2.0/a.bin', { body: 'two' })).status, 201)
    const list = (await (await request('GET', 'team/tool/')).json()) as { versions: { version: string }[] }
    assert.deepEqual(
      list.versions.map(({ version }) => version),
      ['2.0', '1.0'],
    )
    const held = (await (await request('GET', 'team/tool/1.0/')).json()) as { assets: { name: string; size: number }[] }
    assert.deepEqual(
      held.assets.map(({ name, size }) => `${name} ${size}`),
      ['a.bin 10', 'b.bin 1'],
    )
    assert.equal((await request('GET', 'team/none/')).status, 404)
    assert.equal((await request('GET', 'team/tool/3.0/')).status, 404)
  })

  await t.test('what an operation publishes is at its address, under every name', async () => {
    for (const name of assetNames.slice(0, 6)) {
      const path = `team/names/1.0/${encodeURIComponent(name)}`
      assert.equal((await request('PUT', `${path}?unfinished=true`, { body: name })).status, 201, name)
    }
    const at = {
      domain: 'packyard',
      repository: 'main',
      format: 'generic',
      namespace: 'team',
      package: 'names',
    } as const
    await yard.sdk.send(new UpdatePackageVersionsStatusCommand({ ...at, versions: ['1.0'], targetStatus: 'Published' }))
    for (const name of assetNames.slice(0, 6)) {
      const response = await request('GET', `team/names/1.0/${encodeURIComponent(name)}`)
      assert.equal(await response.text(), name)
      const input = { ...at, packageVersion: '1.0', asset: name }
      const { asset } = await yard.sdk.send(new GetPackageVersionAssetCommand(input))
      assert.equal(await asset?.transformToString(), name)
    }
  })

  await t.test('bytes that are not the announced ones are refused and leave nothing', async () => {
    const before = await yard.storedFiles()
    const wrong = sha256('other').digest('hex')
    const digest = `sha-256=:${sha256('other').digest('base64')}:`
    for (const headers of [{ 'x-amz-content-sha256': wrong }, { 'content-digest': digest }]) {
      const refused = await request('PUT', 'team/tool/4.0/a.bin', { body: 'bytes', headers })
      assert.equal(refused.status, 400)
      assert.match(((await refused.json()) as { message: string }).message, /SHA-256/)
    }
    assert.deepEqual(await yard.storedFiles(), before)
    const right = { 'content-digest': `sha-256=:${sha256('bytes').digest('base64')}:` }
    assert.equal((await request('PUT', 'team/tool/4.0/a.bin', { body: 'bytes', headers: right })).status, 201)
  })

  await t.test('names that cannot be, and requests without a token, are told so', async () => {
    for (const path of ['team/tool/1.0/x%25y', 'team/tool/1.0/%20lead', 'te%23am/tool/1.0/a', 'team/tool/1.0/a%2Fb']) {
      const refused = await request('PUT', path, { body: 'x' })
      assert.equal(refused.status, 400, path)
      assert.ok(((await refused.json()) as { message: string }).message.length > 20)
    }
    const anonymous = await request('GET', 'team/tool/1.0/a.bin', { headers: { authorization: '' } })
    assert.equal(anonymous.status, 401)
    assert.match(anonymous.headers.get('www-authenticate') ?? '', /^Bearer realm="packyard\/main", Basic/)
    assert.equal((await request('PUT', 'team/tool/1.0/a?unfinished=maybe', { body: 'x' })).status, 400)
    assert.equal((await request('DELETE', 'team/tool/1.0/a.bin')).status, 405)
  })

  await t.test('an upstream repository is not looked into', async () => {
    await yard.sdk.send(
      new CreateRepositoryCommand({ domain: 'packyard', repository: 'down', upstreams: [{ repositoryName: 'main' }] }),
    )
    const endpoint = await yard.endpoint('down', 'generic')
    const authorization = `Bearer ${await yard.token()}`
    const answer = await fetch(`${endpoint}team/tool/1.0/a.bin`, { headers: { authorization } })
    assert.equal(answer.status, 404)
  })
})

test('a generic asset of any size goes through little memory, and none is larger than allowed', async (t) => {
  const { request } = await open(t, { PACKYARD_ASSET_BYTES_MAX: '64MiB' })
  const piece = Buffer.alloc(1024 * 1024, 'x')
  const send = (pieces: number) => {
    const body = Readable.toWeb(Readable.from(Array.from({ length: pieces }, () => piece))) as ReadableStream
    return request('PUT', `team/large/${pieces}/a.bin`, { body, duplex: 'half' } as RequestInit)
  }
  assert.equal((await send(64)).status, 201)
  const tooLarge = await send(65)
  assert.equal(tooLarge.status, 413)
  assert.match(((await tooLarge.json()) as { message: string }).message, /'Asset file size'/)
})
