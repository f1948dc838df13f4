import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { TestContext } from 'node:test'
import {
  AssociateExternalConnectionCommand,
  DescribePackageVersionCommand,
  ListPackageVersionAssetsCommand,
  PutPackageOriginConfigurationCommand,
  UpdateRepositoryCommand,
} from '@aws-sdk/client-codeartifact'
import { pomText } from '../support/maven-package.ts'
import { MavenWire } from '../support/maven-wire.ts'
import { firstDomain, type Packyard } from '../support/packyard.ts'
import { until } from '../support/processes.ts'
import { testOnEachSetup } from '../support/setups.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'

interface Stage {
  readonly yard: Packyard
  readonly upstream: Upstream
  /** By repository: `team` → `store`, which has the connection; `beside` → `store` too; `google` has another one. */
  readonly wires: Readonly<Record<'team' | 'store' | 'beside' | 'google' | 'lazy', MavenWire>>
}

const sha1 = (bytes: Buffer) => createHash('sha1').update(bytes).digest('hex')

testOnEachSetup('Maven packages from outside', {}, async (t, setup) => {
  const upstream = await startUpstream(t, { maven: contents })
  const url = upstream.maven.url
  const connections = {
    'public:maven-central': { url, ttlSeconds: 0 },
    'public:maven-googleandroid': { url: `${upstream.url}maven2/google/`, ttlSeconds: 0 },
    'public:maven-clojars': { url: `${upstream.url}maven2/clojars/`, ttlSeconds: 0, refresh: 'later' },
  }
  // One process: what changed is seen by the next request, and an old index is known where it was asked for.
  const yard = await setup.start({ connections, processes: 1, env: { PACKYARD_MISSING_TTL_SECONDS: '0' } })
  const stage = { yard, upstream, wires: await setUp(yard) }
  await t.test('reading', (inner) => reading(inner, stage))
  await t.test('growing', (inner) => growing(inner, stage))
  await t.test('verifying', (inner) => verifying(inner, stage))
  await t.test('an upstream that is down', (inner) => outage(inner, stage))
  await t.test('snapshots and own packages', (inner) => inside(inner, stage))
})

const contents = [
  'org.tools:tiny:1.0',
  'org.tools:tiny:1.1',
  { coordinates: 'org.tools:tiny:1.2-SNAPSHOT' },
  {
    coordinates: 'org.tools:deep:2.0',
    pom: '<licenses><license><name>MIT</name></license></licenses>',
    files: { '-sources.jar': 'sources', '-linux.jar': 'linux', '.module': '{}' },
  },
  ...['sha512', 'sha256', 'sha1', 'md5', 'none', 'header', 'bsd'].map((name) => `org.sums:${name}:1.0`),
  'org.tools:late:1.0',
  'org.tools:gone:1.0',
  { coordinates: 'org.tools:large:1.0', files: { '.bin': Buffer.alloc(2_000_000, 'x') } },
]

async function setUp(yard: Packyard): Promise<Stage['wires']> {
  await yard.createRepository('store', [])
  await yard.createRepository('google', [])
  await yard.createRepository('lazy', [])
  for (const [repository, externalConnection] of [
    ['store', 'public:maven-central'],
    ['google', 'public:maven-googleandroid'],
    ['lazy', 'public:maven-clojars'],
  ])
    await yard.sdk.send(new AssociateExternalConnectionCommand({ domain: firstDomain, repository, externalConnection }))
  await yard.createRepository('team', ['store'])
  await yard.createRepository('beside', ['store'])
  const token = await yard.token()
  const wire = async (repository: string) => new MavenWire(await yard.endpoint(repository, 'maven'), token)
  const names = ['team', 'store', 'beside', 'google', 'lazy'] as const
  const wires = await Promise.all(names.map(async (name) => [name, await wire(name)] as const))
  return Object.fromEntries(wires) as Stage['wires']
}

async function files({ yard }: Stage, repository: string, artifact: string, version: string): Promise<string[]> {
  const address = {
    domain: firstDomain,
    repository,
    format: 'maven',
    namespace: 'org.tools',
    package: artifact,
  } as const
  const { assets = [] } = await yard.sdk.send(
    new ListPackageVersionAssetsCommand({ ...address, packageVersion: version }),
  )
  return assets.map(({ name = '' }) => name.slice(artifact.length + version.length + 1))
}

async function reading(t: TestContext, stage: Stage): Promise<void> {
  const { yard, upstream, wires } = stage
  const pom = 'org/tools/deep/2.0/deep-2.0.pom'
  await t.test('a list of versions retains nothing, and leaves snapshots out', async () => {
    const { text, headers, bytes } = await wires.team.get('org/tools/tiny/maven-metadata.xml')
    assert.deepEqual(
      [...text.matchAll(/<version>(.*?)</g)].map(([, version]) => version),
      ['1.0', '1.1'],
    )
    assert.match(text, /<lastUpdated>20261101120000</)
    assert.equal((await wires.team.get('org/tools/tiny/maven-metadata.xml.sha1')).text, sha1(bytes))
    assert.equal(headers.get('x-checksum-sha1'), sha1(bytes))
    assert.deepEqual(await yard.versions('team', '@org.tools/tiny', 'maven'), [])
  })
  await t.test('a file keeps its date, and its version stands where it came through', async () => {
    const head = await wires.team.request('HEAD', pom)
    assert.equal(head.status, 200)
    assert.equal(head.headers.get('last-modified'), 'Sun, 02 Feb 2020 02:02:02 GMT')
    assert.deepEqual((await wires.team.get(pom)).bytes, upstream.maven.bytes(pom))
    for (const repository of ['team', 'store'])
      assert.deepEqual(await yard.versions(repository, '@org.tools/deep', 'maven'), ['2.0 Published EXTERNAL'])
    assert.deepEqual(await yard.versions('beside', '@org.tools/deep', 'maven'), [])
    const address = { domain: firstDomain, repository: 'team', format: 'maven', namespace: 'org.tools' } as const
    const input = { ...address, package: 'deep', packageVersion: '2.0' }
    const { packageVersion } = await yard.sdk.send(new DescribePackageVersionCommand(input))
    assert.deepEqual(packageVersion?.licenses, [{ name: 'MIT' }])
    assert.equal(packageVersion?.publishedTime?.toISOString(), '2020-02-02T02:02:02.000Z')
  })
  await t.test('a checksum alone brings its file, a large one too', async () => {
    const path = 'org/tools/large/1.0/large-1.0.bin'
    assert.equal((await wires.beside.get(`${path}.sha1`)).text, sha1(upstream.maven.bytes(path)))
    assert.deepEqual((await wires.beside.get(path)).bytes, upstream.maven.bytes(path))
    assert.equal(upstream.count(`/maven2/${path}`), 1)
  })
  await t.test('a version that stands in no list is found by its files', async () => {
    upstream.maven.put('org/tools/unlisted/0.1/unlisted-0.1.jar', 'old')
    assert.equal((await wires.team.get('org/tools/unlisted/0.1/unlisted-0.1.jar')).text, 'old')
    assert.deepEqual(await yard.versions('team', '@org.tools/unlisted', 'maven'), ['0.1 Published EXTERNAL'])
  })
  await t.test('whoever asks for a jar alone leaves a version that says what it is', async () => {
    upstream.maven.add({ coordinates: 'org.tools:alone:1.0', pom: '<name>Not alone</name>', files: { '.jar': 'jar' } })
    assert.equal((await wires.team.get('org/tools/alone/1.0/alone-1.0.jar')).text, 'jar')
    for (const repository of ['team', 'store'])
      assert.deepEqual(await files(stage, repository, 'alone', '1.0'), ['.jar', '.pom'])
    const address = { domain: firstDomain, repository: 'team', format: 'maven', namespace: 'org.tools' } as const
    const input = { ...address, package: 'alone', packageVersion: '1.0' }
    const { packageVersion } = await yard.sdk.send(new DescribePackageVersionCommand(input))
    assert.equal(packageVersion?.displayName, 'Not alone')
    for (const file of ['-sources.jar', '-javadoc.jar'])
      assert.equal(upstream.count(`/maven2/org/tools/alone/1.0/alone-1.0${file}`), 0, 'nobody asked for it')
  })
  await t.test('what is not there is missing, and never asked for what it must not be asked', async () => {
    const paths = ['.meta/prefixes.txt', 'org/tools/none/1.0/none-1.0.jar', 'org/tools/tiny/9/tiny-9.jar']
    for (const path of [...paths, 'org/tools/none/maven-metadata.xml', 'org/tools/tiny/1.1/tiny-1.1-none.jar.sha1'])
      assert.equal((await wires.team.get(path)).status, 404, path)
    assert.equal(upstream.count('/maven2/.meta/prefixes.txt'), 0)
    assert.ok(upstream.requests.every(({ headers }) => headers.authorization === undefined))
  })
  await t.test('plug-in prefixes of outside come through', async () => {
    upstream.maven.add('org.plugins:fine-maven-plugin:1.0')
    assert.match((await wires.team.get('org/plugins/maven-metadata.xml')).text, /<prefix>fine<\/prefix>/)
  })
  await t.test('an old list is given once more where the operator chose so', async () => {
    upstream.maven.put('clojars/org/tools/slow/maven-metadata.xml', list('1.0'))
    const path = 'org/tools/slow/maven-metadata.xml'
    assert.match((await wires.lazy.get(path)).text, /<version>1\.0</)
    upstream.maven.put('clojars/org/tools/slow/maven-metadata.xml', list('1.0', '2.0'))
    assert.doesNotMatch((await wires.lazy.get(path)).text, /<version>2\.0</)
    await until('the new list', async () => (await wires.lazy.get(path)).text.includes('<version>2.0') || undefined)
  })
}

function list(...versions: string[]): string {
  const inside = versions.map((version) => `<version>${version}</version>`).join('')
  return `<metadata><groupId>org.tools</groupId><artifactId>slow</artifactId><versioning><versions>${inside}</versions></versioning></metadata>`
}

async function growing(t: TestContext, stage: Stage): Promise<void> {
  const { wires, yard } = stage
  const base = 'org/tools/deep/2.0/deep-2.0'
  await t.test('a further file is added to the version, here and where the connection is', async () => {
    assert.deepEqual(await files(stage, 'team', 'deep', '2.0'), ['.pom'])
    assert.equal((await wires.team.get(`${base}-linux.jar`)).text, 'linux')
    for (const repository of ['team', 'store'])
      assert.deepEqual(await files(stage, repository, 'deep', '2.0'), ['-linux.jar', '.pom'])
  })
  await t.test('and for somebody else who comes by the same connection', async () => {
    assert.equal((await wires.beside.get(`${base}-sources.jar`)).text, 'sources')
    assert.deepEqual(await files(stage, 'store', 'deep', '2.0'), ['-linux.jar', '-sources.jar', '.pom'])
    assert.equal((await wires.beside.get(`${base}.module`)).text, '{}')
  })
  await t.test('a file that is not there can come later', async () => {
    assert.equal((await wires.team.get(`${base}-javadoc.jar`)).status, 404)
    stage.upstream.maven.put(`${base}-javadoc.jar`, 'javadoc')
    assert.equal((await wires.team.get(`${base}-javadoc.jar`)).text, 'javadoc')
  })
  await t.test('not from another connection than the one that the version came through', async () => {
    stage.upstream.maven.put(`google/${base}-other.jar`, 'other')
    const upstreams = ['store', 'google'].map((repositoryName) => ({ repositoryName }))
    await yard.sdk.send(new UpdateRepositoryCommand({ domain: firstDomain, repository: 'team', upstreams }))
    assert.equal((await wires.team.get(`${base}-other.jar`)).status, 404)
    assert.equal((await wires.google.get(`${base}-other.jar`)).text, 'other')
  })
  await t.test('not where upstreams are blocked', async () => {
    const address = { domain: firstDomain, repository: 'beside', format: 'maven', namespace: 'org.tools' } as const
    const restrictions = { publish: 'BLOCK', upstream: 'BLOCK' } as const
    await yard.sdk.send(new PutPackageOriginConfigurationCommand({ ...address, package: 'deep', restrictions }))
    assert.equal((await wires.beside.get(`${base}.jar`)).status, 404)
    assert.equal((await wires.beside.get(`${base}.module`)).status, 200)
  })
}

async function verifying(t: TestContext, { wires, upstream, yard }: Stage): Promise<void> {
  const file = (name: string) => `org/sums/${name}/1.0/${name}-1.0.jar`
  const wrong = { sha512: '0'.repeat(128), sha256: '0'.repeat(64), sha1: '0'.repeat(40), md5: '0'.repeat(32) }
  for (const [algorithm, digest] of Object.entries(wrong)) {
    await t.test(`a wrong ${algorithm} is nobody's file`, async () => {
      upstream.maven.checksums = algorithm === 'md5' ? [] : ['md5']
      upstream.maven.put(`${file(algorithm)}.${algorithm}`, digest)
      const reply = await wires.team.get(file(algorithm))
      assert.equal(reply.status, 503)
      assert.match(reply.reason, new RegExp(`its ${algorithm} is`))
      assert.deepEqual(await yard.versions('store', `@org.sums/${algorithm}`, 'maven'), [])
      upstream.maven.put(`${file(algorithm)}.${algorithm}`, undefined)
      assert.equal((await wires.team.get(file(algorithm))).status, 200)
    })
  }
  await t.test('a digest in a header is believed, and no checksum file asked for', async () => {
    upstream.maven.checksums = ['sha1']
    upstream.maven.checksumHeaders = ['sha1']
    assert.equal((await wires.team.get(file('header'))).status, 200)
    assert.equal(upstream.requests.filter(({ path }) => path.startsWith(`/maven2/${file('header')}.`)).length, 0)
    upstream.maven.checksumHeaders = []
  })
  await t.test('none at all is no reason to refuse, nor is an odd form', async () => {
    upstream.maven.checksums = []
    assert.equal((await wires.team.get(file('none'))).status, 200)
    upstream.maven.put(
      `${file('bsd')}.sha1`,
      `SHA1(bsd-1.0.jar)= ${sha1(upstream.maven.bytes(file('bsd'))).toUpperCase()}\n`,
    )
    assert.equal((await wires.team.get(file('bsd'))).status, 200)
    upstream.maven.checksums = ['sha1', 'md5']
  })
}

async function outage(t: TestContext, { wires, upstream, yard }: Stage): Promise<void> {
  const path = 'org/tools/gone/1.0/gone-1.0.jar'
  const { bytes } = await wires.team.get(path)
  await wires.team.get('org/tools/gone/maven-metadata.xml')
  await upstream.stop()
  await t.test('what was fetched stays, lists too', async () => {
    assert.deepEqual((await wires.team.get(path)).bytes, bytes)
    const { text, headers } = await wires.team.get('org/tools/gone/maven-metadata.xml')
    assert.match(text, /<version>1\.0</)
    assert.match(headers.get('warning') ?? '', /110/)
  })
  await t.test('what was not is unavailable for now, and not missing', async () => {
    const reply = await wires.team.get('org/tools/late/1.0/late-1.0.jar')
    assert.equal(reply.status, 503)
    assert.ok(Number(reply.headers.get('retry-after')) > 0)
  })
  await upstream.restart()
  await t.test('and comes when the upstream does', async () => {
    await until('the upstream to be asked again', async () => {
      return (await wires.team.get('org/tools/late/1.0/late-1.0.jar')).status === 200 || undefined
    })
  })
  await t.test('what is taken away outside stays here', async () => {
    upstream.maven.put(path, undefined)
    assert.deepEqual((await wires.team.get(path)).bytes, bytes)
    assert.deepEqual(await yard.versions('team', '@org.tools/gone', 'maven'), ['1.0 Published EXTERNAL'])
  })
}

async function inside(t: TestContext, { wires, upstream, yard }: Stage): Promise<void> {
  await t.test('snapshots of outside are missing, and not asked for', async () => {
    for (const file of ['maven-metadata.xml', 'tiny-1.2-SNAPSHOT.jar', 'tiny-1.2-20260101.000000-1.jar'])
      assert.equal((await wires.team.get(`org/tools/tiny/1.2-SNAPSHOT/${file}`)).status, 404)
    assert.equal(upstream.requests.filter(({ path }) => path.includes('1.2-SNAPSHOT/tiny')).length, 0)
  })
  await t.test('a version that is outside cannot be published over', async () => {
    const reply = await wires.beside.request('PUT', 'org/tools/late/1.0/late-1.0.jar', { body: 'mine' })
    assert.equal(reply.status, 409)
    assert.match(reply.reason, /exists in/)
  })
  await t.test('a snapshot here and behind: the builds behind win, and are read from there each time', async () => {
    const coordinates = 'com.acme:both:1.0-SNAPSHOT'
    const folder = 'com/acme/both/1.0-SNAPSHOT'
    await wires.team.deploySnapshot(coordinates, '20261105.000000', 5)
    await wires.store.deploySnapshot(coordinates, '20261101.000000', 1)
    const own = await wires.team.get(`${folder}/maven-metadata.xml`)
    assert.match(own.text, /<buildNumber>5</, 'a published name blocks its upstreams')
    const address = { domain: firstDomain, repository: 'team', format: 'maven', namespace: 'com.acme' } as const
    const restrictions = { publish: 'ALLOW', upstream: 'ALLOW' } as const
    await yard.sdk.send(new PutPackageOriginConfigurationCommand({ ...address, package: 'both', restrictions }))
    for (const [timestamp, number] of [
      ['20261101.000000', 1],
      ['20261102.000000', 2],
    ] as const) {
      if (number === 2) await wires.store.deploySnapshot(coordinates, timestamp, number)
      const { text } = await wires.team.get(`${folder}/maven-metadata.xml`)
      assert.match(text, new RegExp(`<buildNumber>${number}<`))
      const file = await wires.team.get(`${folder}/both-1.0-${timestamp}-${number}.jar`)
      assert.equal(file.text, `${coordinates} 1.0-${timestamp}-${number}`)
    }
  })
  await t.test('one without timestamps behind is read anew each time', async () => {
    const path = 'com/acme/plain/1.0-SNAPSHOT/plain-1.0-SNAPSHOT'
    const publish = async (content: string) => {
      await wires.store.put(`${path}.jar`, content)
      await wires.store.put(`${path}.pom`, pomText('com.acme:plain:1.0-SNAPSHOT'))
      await wires.store.put(
        'com/acme/plain/maven-metadata.xml',
        '<metadata><versioning><versions><version>1.0-SNAPSHOT</version></versions></versioning></metadata>',
      )
      return (await wires.team.get(`${path}.jar`)).text
    }
    assert.equal(await publish('first'), 'first')
    assert.equal(await publish('second'), 'second')
    assert.deepEqual(await yard.versions('team', '@com.acme/plain', 'maven'), [])
  })
}
