import assert from 'node:assert/strict'
import { request as send } from 'node:http'
import { type TestContext, test } from 'node:test'
import {
  DescribePackageVersionCommand,
  GetPackageVersionReadmeCommand,
  ListPackageVersionDependenciesCommand,
  UpdatePackageVersionsStatusCommand,
} from '@aws-sdk/client-codeartifact'
import { type CrateInput, makeCrate } from '../../../test/support/cargo-crate.ts'
import {
  type CargoWire,
  crateRepository as repository,
  detail,
  lines,
  openCargoWire,
} from '../../../test/support/cargo-wire.ts'
import { firstDomain, type Packyard } from '../../../test/support/packyard.ts'

/** Every test below speaks to one server, each with crates of its own. */
test('Cargo on the wire', async (t) => {
  const wire = await openCargoWire(t)
  await t.test('logging in', (inner) => loggingIn(inner, wire))
  await t.test('publishing', (inner) => publishing(inner, wire))
  await t.test('the index', (inner) => index(inner, wire))
  await t.test('yanking', (inner) => yanking(inner, wire))
  await t.test('outside', (inner) => outside(inner, wire))
})

async function loggingIn(t: TestContext, { endpoint, token, request }: CargoWire): Promise<void> {
  await t.test('config.json asks for a token, and says where to get one', async () => {
    const refused = await fetch(`${endpoint}config.json`)
    assert.equal(refused.status, 401)
    const challenge = refused.headers.get('www-authenticate') ?? ''
    assert.ok(challenge.startsWith(`Cargo login_url="${new URL('/console/', endpoint).href}"`), challenge)
    assert.notEqual(await detail(refused), '')
  })

  await t.test('the token is taken as it is, as Bearer, as a password, and with a line end behind it', async () => {
    const base = endpoint.replace(/\/$/, '')
    for (const authorization of [token, `Bearer ${token}`, `Basic ${btoa(`aws:${token}`)}`]) {
      const reply = await request('GET', 'config.json', { headers: { authorization } })
      assert.equal(reply.status, 200)
      assert.deepEqual(await reply.json(), { dl: `${base}/api/v1/crates`, api: base, 'auth-required': true })
    }
    const wrong = await request('GET', 'config.json', { headers: { authorization: 'Bearer nonsense' } })
    assert.equal(wrong.status, 401)
  })

  await t.test('a request that asks for HTTP/2 without TLS is answered all the same', async () => {
    const upgrade = {
      connection: 'Upgrade, HTTP2-Settings',
      upgrade: 'h2c',
      'http2-settings': 'AAMAAABkAAQCAAAAAAIAAAAA',
    }
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { authorization: token, ...upgrade }
      const asked = send(`${endpoint}config.json`, { headers }, (reply) => resolve(reply.resume().statusCode))
      asked
        .on('error', reject)
        .on('upgrade', () => reject(new Error('upgraded')))
        .end()
    })
    assert.equal(status, 200)
  })
}

/** A crate with every kind of dependency. */
const full: CrateInput = {
  name: 'Full_House',
  version: '1.0.0-rc.1+build.5',
  manifest: 'rust-version = "1.70"\ndescription = "All of it."\nlicense = "MIT OR Apache-2.0"\nreadme = "README.md"\n',
  dependencies: [
    { name: 'tester', req: '~0.3', kind: 'dev' },
    { name: 'log', req: '^0.4', alias: 'logging', optional: true, features: ['std'] },
    { name: 'cc', req: '1.*', kind: 'build' },
    { name: 'libc', req: '>=0.2, <1', target: 'cfg(unix)' },
    { name: 'other', req: '=1.2.3', registry: 'sparse+https://other.example/index/' },
  ],
  features: { default: ['std'], std: [], log: ['dep:logging', 'logging?/std'] },
  files: [{ path: 'Full_House-1.0.0-rc.1+build.5/README.md', content: '# Full\n' }],
}

async function publishing(t: TestContext, { yard, request, publish }: CargoWire): Promise<void> {
  await t.test('every part of a line comes from where it should', async () => {
    const crate = makeCrate(full)
    const answer = await publish(crate)
    assert.equal(answer.status, 200, await answer.clone().text())
    assert.deepEqual(await answer.json(), { warnings: { invalid_categories: [], invalid_badges: [], other: [] } })
    const [line] = await lines(await request('GET', 'fu/ll/full_house'))
    const { pubtime, ...rest } = line ?? {}
    assert.match(String(pubtime), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    const common = { optional: false, default_features: true, target: null, features: [], registry: null }
    assert.deepEqual(rest, {
      name: 'Full_House',
      vers: '1.0.0-rc.1+build.5',
      deps: [
        { ...common, name: 'logging', req: '^0.4', features: ['std'], optional: true, kind: 'normal', package: 'log' },
        { ...common, name: 'libc', req: '>=0.2, <1', target: 'cfg(unix)', kind: 'normal' },
        { ...common, name: 'other', req: '=1.2.3', kind: 'normal', registry: 'sparse+https://other.example/index/' },
        { ...common, name: 'cc', req: '1.*', kind: 'build' },
        { ...common, name: 'tester', req: '~0.3', kind: 'dev' },
      ],
      cksum: crate.cksum,
      features: { default: ['std'], std: [] },
      features2: { log: ['dep:logging', 'logging?/std'] },
      links: null,
      rust_version: '1.70',
      yanked: false,
      v: 2,
    })
  })

  await t.test('the crate comes back, whatever the spelling of its plus', async () => {
    for (const version of ['1.0.0-rc.1+build.5', '1.0.0-rc.1%2Bbuild.5']) {
      const crate = await request('GET', `api/v1/crates/Full_House/${version}/download`)
      assert.equal(crate.headers.get('content-encoding'), null)
      assert.deepEqual(Buffer.from(await crate.arrayBuffer()), makeCrate(full).bytes)
    }
    assert.equal((await request('GET', 'api/v1/crates/Full_House/1.0.0/download')).status, 404)
  })

  await t.test('operations know what the crate says of itself', async () => {
    const version = { domain: firstDomain, repository, format: 'cargo', package: 'Full_House' } as const
    const about = { ...version, packageVersion: full.version }
    const { packageVersion } = await yard.sdk.send(new DescribePackageVersionCommand(about))
    assert.equal(packageVersion?.displayName, 'Full_House')
    assert.equal(packageVersion.summary, 'All of it.')
    assert.deepEqual(packageVersion.licenses, [{ name: 'MIT OR Apache-2.0' }])
    const { dependencies = [] } = await yard.sdk.send(new ListPackageVersionDependenciesCommand(about))
    assert.deepEqual(
      dependencies.map((each) => `${each.dependencyType} ${each.package} ${each.versionRequirement}`).sort(),
      ['build cc 1.*', 'dev tester ~0.3', 'regular libc >=0.2, <1', 'regular log ^0.4', 'regular other =1.2.3'],
    )
    const { readme } = await yard.sdk.send(new GetPackageVersionReadmeCommand(about))
    assert.equal(readme, '# Full\n')
  })

  await t.test('the same again succeeds; anything else under its version is a conflict', async () => {
    assert.equal((await publish(makeCrate(full))).status, 200)
    const other = await publish(makeCrate({ ...full, manifest: 'rust-version = "1.71"\n' }))
    assert.equal(other.status, 409)
    const rebuilt = { ...full, version: '1.0.0-rc.1+build.6', files: [] }
    const twin = await publish(makeCrate(rebuilt))
    assert.equal(twin.status, 409)
    assert.match(await detail(twin), /differs from version 1\.0\.0-rc\.1\+build\.5 in build metadata only/)
    assert.equal((await lines(await request('GET', 'fu/ll/full_house'))).length, 1)
  })

  await t.test('a name that cannot be told from another one is a conflict', async () => {
    for (const name of ['full_house', 'Full-House', 'FULL_HOUSE', 'full-house']) {
      const reply = await publish(makeCrate(`${name}@2.0.0`))
      assert.equal(reply.status, 409, name)
      assert.match(await detail(reply), /cannot be told from crate 'full_house'/i)
    }
    assert.equal((await publish(makeCrate('Full_Housing@1.0.0'))).status, 200)
  })
}

async function index(t: TestContext, { request, publish }: CargoWire): Promise<void> {
  for (const name of ['q', 'qq', 'qqq', 'qqqq']) assert.equal((await publish(makeCrate(`${name}@1.0.0`))).status, 200)

  await t.test('a crate stands at its own place and nowhere else', async () => {
    for (const path of ['1/q', '2/qq', '3/q/qqq', 'qq/qq/qqqq']) {
      const reply = await request('GET', path)
      assert.equal((await lines(reply))[0]?.['vers'], '1.0.0', path)
      assert.equal(reply.headers.get('content-type'), 'text/plain; charset=utf-8')
    }
    const elsewhere = [
      '2/q',
      '1/qq',
      '3/x/qqq',
      'aa/qq/qqqq',
      'QQ/QQ/QQQQ',
      'qq/qq/qqqq-',
      '1/-',
      '3/q/q%2Fq',
      'no/pe/nope',
    ]
    for (const path of elsewhere) {
      const reply = await request('GET', path)
      assert.equal(reply.status, 404, path)
      assert.notEqual(await detail(reply), '')
    }
  })

  await t.test('what has not changed is not sent again, and a publish changes it', async () => {
    const first = await request('GET', '1/q')
    const validator = { 'if-none-match': first.headers.get('etag') ?? '' }
    assert.equal((await request('GET', '1/q', { headers: validator })).status, 304)
    await publish(makeCrate('q@1.10.0'))
    await publish(makeCrate('q@1.9.0'))
    const now = await lines(await request('GET', '1/q', { headers: validator }))
    assert.deepEqual(
      now.map(({ vers }) => vers),
      ['1.0.0', '1.9.0', '1.10.0'],
    )
  })

  await t.test('search and the documents of a crate have what tools read', async () => {
    const found = await request('GET', 'api/v1/crates?q=qq&per_page=2')
    assert.deepEqual(await found.json(), {
      crates: ['qq', 'qqq'].map((name) => ({ name, max_version: '1.0.0', description: null })),
      meta: { total: 3 },
    })
    assert.equal((await request('GET', 'api/v1/crates?q=qq&per_page=none')).status, 400)
    const { versions } = (await (await request('GET', 'api/v1/crates/q/versions')).json()) as {
      versions: Record<string, unknown>[]
    }
    assert.deepEqual(
      versions.map(({ num, yanked, checksum }) => [num, yanked, checksum]),
      [
        ['1.10.0', false, makeCrate('q@1.10.0').cksum],
        ['1.9.0', false, makeCrate('q@1.9.0').cksum],
        ['1.0.0', false, makeCrate('q@1.0.0').cksum],
      ],
    )
    assert.ok(versions.every((each) => !Number.isNaN(Date.parse(String(each['created_at'])))))
    const { crate } = (await (await request('GET', 'api/v1/crates/q')).json()) as { crate: object }
    assert.partialDeepStrictEqual(crate, { id: 'q', name: 'q', max_version: '1.10.0', max_stable_version: '1.10.0' })
  })
}

async function yanking(t: TestContext, { yard, request, publish }: CargoWire): Promise<void> {
  await publish(makeCrate('yankee@1.0.0'))
  await publish(makeCrate('yankee@1.1.0'))
  const isYanked = async () => (await lines(await request('GET', 'ya/nk/yankee'))).map(({ yanked }) => yanked)

  await t.test('yank and unyank change one version, as often as they come', async () => {
    for (const _ of [1, 2]) assert.equal((await request('DELETE', 'api/v1/crates/yankee/1.1.0/yank')).status, 200)
    assert.deepEqual(await isYanked(), [false, true])
    assert.deepEqual(await yard.versions(repository, 'yankee', 'cargo'), [
      '1.0.0 Published INTERNAL',
      '1.1.0 Unlisted INTERNAL',
    ])
    assert.equal((await request('GET', 'api/v1/crates/yankee/1.1.0/download')).status, 200)
    for (const _ of [1, 2]) assert.equal((await request('PUT', 'api/v1/crates/yankee/1.1.0/unyank')).status, 200)
    assert.deepEqual(await isYanked(), [false, false])
  })

  await t.test('what is not here cannot be yanked, and what is archived is not taken back', async () => {
    assert.equal((await request('DELETE', 'api/v1/crates/yankee/9.9.9/yank')).status, 404)
    assert.equal((await request('DELETE', 'api/v1/crates/nobody/1.0.0/yank')).status, 404)
    await setStatus(yard, 'yankee', '1.1.0', 'Archived')
    assert.deepEqual(await isYanked(), [false], 'an archived version is no line')
    assert.equal((await request('GET', 'api/v1/crates/yankee/1.1.0/download')).status, 404)
    for (const [method, verb] of [
      ['DELETE', 'yank'],
      ['PUT', 'unyank'],
    ] as const) {
      const reply = await request(method, `api/v1/crates/yankee/1.1.0/${verb}`)
      assert.equal(reply.status, 409)
      assert.match(await detail(reply), /current status: Archived/)
    }
    await setStatus(yard, 'yankee', '1.0.0', 'Archived')
    assert.equal((await request('GET', 'ya/nk/yankee')).status, 404)
  })
}

async function setStatus(yard: Packyard, name: string, version: string, targetStatus: 'Archived'): Promise<void> {
  const about = { domain: firstDomain, repository, format: 'cargo', package: name } as const
  await yard.sdk.send(new UpdatePackageVersionsStatusCommand({ ...about, versions: [version], targetStatus }))
}

async function outside(t: TestContext, { yard, upstream, request, publish }: CargoWire): Promise<void> {
  const { cargo } = upstream
  const elsewhere = 'sparse+https://third.example/index/'

  await t.test('lines come as they are, crates are checked against them and kept', async () => {
    const crate = cargo.add({
      name: 'Inflector',
      version: '0.11.4',
      dependencies: [
        { name: 'regex', req: '^1' },
        { name: 'third', req: '1', registry: elsewhere },
      ],
      pubtime: '2019-03-11T12:00:00Z',
    })
    assert.deepEqual(await lines(await request('GET', 'in/fl/inflector')), [{ links: null, ...crate.line }])
    const { versions } = (await (await request('GET', 'api/v1/crates/Inflector/versions')).json()) as {
      versions: Record<string, unknown>[]
    }
    assert.partialDeepStrictEqual(versions, [
      { crate: 'Inflector', num: '0.11.4', created_at: '2019-03-11T12:00:00.000Z' },
    ])
    assert.deepEqual(await yard.versions(repository, 'inflector', 'cargo'), [], 'an index keeps nothing')
    const bytes = await (await request('GET', 'api/v1/crates/Inflector/0.11.4/download')).arrayBuffer()
    assert.deepEqual(Buffer.from(bytes), crate.bytes)
    assert.deepEqual(await yard.versions(repository, 'Inflector', 'cargo'), ['0.11.4 Published EXTERNAL'])
    assert.deepEqual(await lines(await request('GET', 'in/fl/inflector')), [{ links: null, ...crate.line }])
  })

  await t.test('a download address without markers is gone on with', async () => {
    const crate = cargo.add('unmarked@1.0.0')
    const { dl } = cargo
    cargo.dl = `${upstream.url}crate-files`
    const reply = await request('GET', 'api/v1/crates/unmarked/1.0.0/download')
    assert.deepEqual(Buffer.from(await reply.arrayBuffer()), crate.bytes)
    cargo.dl = dl
  })

  await t.test('a crate that is not what its line says is given to nobody', async () => {
    cargo.add('forged@1.0.0')
    upstream.break('/crate-files/fo/rg/forged-1.0.0.crate', { kind: 'wrong bytes' })
    const reply = await request('GET', 'api/v1/crates/forged/1.0.0/download')
    assert.equal(reply.status, 502)
    assert.match(await detail(reply), /its sha256 is/)
    assert.deepEqual(await yard.versions(repository, 'forged', 'cargo'), [])
  })

  await t.test('410 and 451 are 404 here; a document that is no index is a failure', async () => {
    for (const status of [404, 410, 451]) {
      upstream.break(`/crates/go/ne/gone${status}`, { kind: 'status', status })
      assert.equal((await request('GET', `go/ne/gone${status}`)).status, 404)
    }
    cargo.add('garbled@1.0.0')
    upstream.break('/crates/ga/rb/garbled', { kind: 'garbage' })
    assert.equal((await request('GET', 'ga/rb/garbled')).status, 503)
  })

  await t.test('a version that is there cannot be published over', async () => {
    const crate = cargo.add('taken@1.0.0')
    assert.equal((await publish(crate)).status, 409)
  })
}
