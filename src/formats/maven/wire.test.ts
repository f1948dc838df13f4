import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import {
  DeletePackageVersionsCommand,
  DescribePackageVersionCommand,
  ListPackageVersionAssetsCommand,
  ListPackageVersionDependenciesCommand,
  type PackageVersionStatus,
  PutRepositoryPermissionsPolicyCommand,
  UpdatePackageVersionsStatusCommand,
} from '@aws-sdk/client-codeartifact'
import { jar, makeMaven, metadataText, pomText, snapshotText } from '../../../test/support/maven-package.ts'
import { MavenWire } from '../../../test/support/maven-wire.ts'
import { firstDomain, type Packyard, startPackyard } from '../../../test/support/packyard.ts'
import { until } from '../../../test/support/processes.ts'
import { packZip } from '../../../test/support/zip-archive.ts'

const sum = (algorithm: string, bytes: Buffer) => createHash(algorithm).update(bytes).digest('hex')

interface Stage {
  readonly yard: Packyard
  readonly wire: MavenWire
}

/** Every test below speaks to one server, each with packages of its own. */
test('Maven on the wire', async (t) => {
  const env = { PACKYARD_FINISH_QUIET_SECONDS: '1' }
  const yard = await startPackyard(t, {
    connections: { 'public:maven-central': 'http://127.0.0.1:9/' },
    processes: 1,
    env,
  })
  const repository = await yard.createRepository('team', [])
  const stage = { yard, wire: new MavenWire(await yard.endpoint(repository, 'maven'), await yard.token()) }
  await t.test('asking', (inner) => asking(inner, stage))
  await t.test('releases', (inner) => releases(inner, stage))
  await t.test('checksums', (inner) => checksums(inner, stage))
  await t.test('metadata', (inner) => metadata(inner, stage))
  await t.test('permissions', (inner) => permissions(inner, stage))
  await t.test('snapshots', (inner) => snapshots(inner, stage))
  await t.test('quiet versions', (inner) => quietVersions(inner, stage))
  await t.test('facts', (inner) => facts(inner, stage))
  await t.test('statuses', (inner) => statuses(inner, stage))
})

function named(artifact: string, version?: string) {
  const address = {
    domain: firstDomain,
    repository: 'team',
    format: 'maven',
    namespace: 'com.acme',
    package: artifact,
  } as const
  return { ...address, packageVersion: version }
}

const versions = ({ yard }: Stage, artifact: string) => yard.versions('team', `@com.acme/${artifact}`, 'maven')

async function assets({ yard }: Stage, artifact: string, version: string): Promise<string[]> {
  const found = await yard.sdk.send(new ListPackageVersionAssetsCommand(named(artifact, version)))
  return (found.assets ?? []).map(({ name, hashes }) => `${name} ${hashes?.['SHA-256']?.slice(0, 8)}`)
}

async function setStatus({ yard }: Stage, artifact: string, version: string, targetStatus: PackageVersionStatus) {
  const input = { ...named(artifact), versions: [version], targetStatus }
  const { failedVersions } = await yard.sdk.send(new UpdatePackageVersionsStatusCommand(input))
  assert.deepEqual(failedVersions, {})
}

async function asking(t: TestContext, stage: Stage): Promise<void> {
  const { wire, yard } = stage
  await t.test('nobody is asked for Basic credentials, with the realm that sbt knows', async () => {
    const anonymous = new MavenWire(await yard.endpoint('team', 'maven'), undefined)
    for (const method of ['GET', 'HEAD', 'PUT']) {
      const reply = await anonymous.request(method, 'com/acme/x/1.0/x-1.0.jar', method === 'PUT' ? { body: 'x' } : {})
      assert.equal(reply.status, 401)
      assert.match(reply.headers.get('www-authenticate') ?? '', /^Basic realm="packyard\/team"/)
    }
    const wrong = new MavenWire(await yard.endpoint('team', 'maven'), 'not-a-token')
    const reply = await wrong.get('com/acme/x/1.0/x-1.0.jar')
    assert.equal(reply.status, 401)
    assert.match(reply.reason, /token/)
  })
  await t.test('files that no repository has are missing, and nothing else', async () => {
    const odd = [
      '',
      'robots.txt',
      '.meta/prefixes.txt',
      'archetype-catalog.xml',
      '.index/nexus-maven-repository-index.gz',
    ]
    for (const path of [
      ...odd,
      'com/acme/',
      'com/acme/x/1.0/',
      'com/acme/x/1.0/y-1.0.jar',
      'a/%2e%2e/b/1/b-1.jar',
      'maven-metadata.xml',
    ])
      assert.equal((await wire.get(path)).status, 404, path)
  })
  await t.test('what has no place is refused with the rule', async () => {
    for (const path of [
      'x.jar',
      '.meta/prefixes.txt',
      'com/acme/x/1.0/y-1.0.jar',
      'com.acme/x/1.0/x-1.0.jar',
      'com/acme/x/1.0/x-2.0.jar',
    ]) {
      const reply = await wire.request('PUT', path, { body: 'x' })
      assert.equal(reply.status, 400, path)
      assert.match(reply.reason, /no place for/)
    }
    const reply = await wire.request('DELETE', 'com/acme/x/1.0/x-1.0.jar')
    assert.equal(reply.status, 405)
  })
  await t.test('a problem document is for who asks for one', async () => {
    const accept = { accept: 'application/problem+json,*/*' }
    const reply = await wire.get('com/acme/none/1.0/none-1.0.jar', accept)
    assert.equal(reply.headers.get('content-type'), 'application/problem+json')
    const problem = JSON.parse(reply.text) as { status: number; detail: string }
    assert.equal(problem.status, 404)
    assert.equal(problem.detail.slice(0, 20), reply.reason.slice(0, 20))
    const plain = await wire.get('com/acme/none/1.0/none-1.0.jar', { accept: '*/*' })
    assert.match(plain.headers.get('content-type') ?? '', /^text\/plain/)
  })
}

async function releases(t: TestContext, stage: Stage): Promise<void> {
  const { wire, yard } = stage
  const base = 'com/acme/release/1.0/release-1.0'
  const bytes = jar('first')
  await t.test('a version is Unfinished, and not given away, until metadata names it', async () => {
    assert.equal(await wire.put(`${base}.jar`, bytes), 201)
    assert.equal(await wire.put(`${base}.pom`, pomText('com.acme:release:1.0')), 201)
    assert.deepEqual(await versions(stage, 'release'), ['1.0 Unfinished INTERNAL'])
    assert.equal((await wire.get(`${base}.jar`)).status, 404)
    assert.equal((await wire.get('com/acme/release/maven-metadata.xml')).status, 404)
    assert.equal(
      await wire.put('com/acme/release/maven-metadata.xml', metadataText('com.acme', 'release', ['0.9', '1.0'])),
      200,
    )
    assert.deepEqual(await versions(stage, 'release'), ['1.0 Published INTERNAL'])
    assert.deepEqual((await wire.get(`${base}.jar`)).bytes, bytes)
  })
  await t.test('a file comes with everything that clients look at', async () => {
    const reply = await wire.request('HEAD', `${base}.jar`)
    assert.equal(reply.status, 200)
    assert.equal(reply.headers.get('content-length'), String(bytes.length))
    assert.equal(reply.headers.get('content-type'), 'application/java-archive')
    assert.equal(reply.headers.get('x-checksum-sha1'), sum('sha1', bytes))
    assert.equal(reply.headers.get('x-checksum-sha512'), sum('sha512', bytes))
    assert.equal(reply.headers.get('etag'), `"${sum('sha256', bytes)}"`)
    assert.equal(reply.headers.get('accept-ranges'), 'bytes')
    assert.ok(Math.abs(Date.parse(reply.headers.get('last-modified') ?? '') - Date.now()) < 60_000)
    const head = await wire.request('HEAD', `${base}.jar.sha1`)
    assert.deepEqual([head.status, head.headers.get('content-length')], [200, '40'])
    const part = await wire.get(`${base}.jar`, { range: `bytes=${bytes.length - 5}-`, 'accept-encoding': 'identity' })
    assert.deepEqual([part.status, part.bytes], [206, bytes.subarray(-5)])
    assert.equal((await wire.get(`${base}.jar`, { 'if-none-match': reply.headers.get('etag') })).status, 304)
  })
  await t.test('the same bytes again are welcome, others are refused in words', async () => {
    assert.equal(await wire.put(`${base}.jar`, bytes), 200)
    const reply = await wire.request('PUT', `${base}.jar`, { body: jar('second') })
    assert.equal(reply.status, 409)
    assert.match(reply.reason, /^release-1\.0\.jar already exists with different content/)
    assert.deepEqual((await wire.get(`${base}.jar`)).bytes, bytes)
  })
  await t.test('other bytes are refused while it is Unfinished too, and welcome once it was deleted', async () => {
    const path = 'com/acme/again/1.0/again-1.0.jar'
    await wire.put(path, jar('first'))
    assert.equal(await wire.put(path, jar('second')), 409)
    await yard.sdk.send(new DeletePackageVersionsCommand({ ...named('again'), versions: ['1.0'] }))
    assert.equal(await wire.put(path, jar('second')), 201)
  })
  await t.test('further files are added at any time, signatures and Gradle metadata among them', async () => {
    for (const suffix of ['-sources.jar', '.jar.asc', '.module', '-linux-x86_64.tar.gz'])
      assert.equal(await wire.put(base + suffix, `content of ${suffix}`), 201)
    assert.equal((await wire.get(`${base}.module`)).headers.get('content-type'), 'application/json')
    const names = (await assets(stage, 'release', '1.0')).map((asset) => asset.split(' ')[0])
    const expected = ['-linux-x86_64.tar.gz', '-sources.jar', '.jar', '.jar.asc', '.module', '.pom']
    assert.deepEqual(
      names,
      expected.map((suffix) => `release-1.0${suffix}`),
    )
  })
  await t.test('two releases at once are both in the list', async () => {
    await Promise.all(['1.1', '1.2', '1.3', '1.4'].map((version) => wire.deploy(`com.acme:race:${version}`)))
    const { text } = await wire.get('com/acme/race/maven-metadata.xml')
    assert.deepEqual(
      [...text.matchAll(/<version>(.*?)</g)].map(([, version]) => version),
      ['1.1', '1.2', '1.3', '1.4'],
    )
  })
  await t.test('files of one version may come at once', async () => {
    const suffixes = ['.jar', '-a.jar', '-b.jar', '-c.jar', '-d.jar', '-e.jar']
    const bodies = suffixes.map((suffix) => wire.put(`com/acme/many/1.0/many-1.0${suffix}`, jar(suffix)))
    assert.deepEqual(
      await Promise.all(bodies),
      suffixes.map(() => 201),
    )
    assert.equal((await assets(stage, 'many', '1.0')).length, suffixes.length)
  })
  await t.test('a POM that cannot be read, or is somebody else, is refused and not stored', async () => {
    const path = 'com/acme/bad/1.0/bad-1.0.pom'
    const bad: Readonly<Record<string, readonly [Buffer | string, RegExp]>> = {
      'another group': [pomText('com.other:bad:1.0'), /groupId 'com\.other'.*'com\.acme'/],
      'another artifact': [pomText('com.acme:good:1.0'), /artifactId 'good'/],
      'another version': [pomText('com.acme:bad:2.0'), /version '2\.0'/],
      'not XML': ['hello', /not XML/],
      'cut off': ['<project><artifactId>bad', /never closed/],
      'a document type': [`<!DOCTYPE x [<!ENTITY y "z">]>${pomText('com.acme:bad:1.0').slice(38)}`, /document type/],
      'a million elements inside each other': ['<a>'.repeat(1_000_000), /deep|bytes/],
      'a million elements': [`<project>${'<a/>'.repeat(900_000)}</project>`, /elements/],
      'bytes that are no text': [Buffer.from('<project>\xff\xfe</project>', 'latin1'), /encoding 'utf-8'/],
      'an encoding that is none': ['<?xml version="1.0" encoding="x-none"?><project/>', /encoding 'x-none'/],
    }
    for (const [what, [body, words]] of Object.entries(bad)) {
      const startedAt = performance.now()
      const reply = await wire.request('PUT', path, { body })
      assert.equal(reply.status, 400, what)
      assert.match(reply.reason, words, what)
      assert.ok(performance.now() - startedAt < 3000, `${what} took too long`)
    }
    assert.deepEqual(await versions(stage, 'bad'), [])
    const latin = Buffer.from(
      '<?xml version="1.0" encoding="ISO-8859-1"?><project><groupId>com.acme</groupId><artifactId>bad</artifactId><version>1.0</version><name>Bj\xf8rn &oslash;</name></project>',
      'latin1',
    )
    assert.equal(await wire.put(path, latin), 201)
    const { packageVersion } = await yard.sdk.send(new DescribePackageVersionCommand(named('bad', '1.0')))
    assert.equal(packageVersion?.displayName, 'Bjørn &oslash;')
  })
}

async function checksums(t: TestContext, stage: Stage): Promise<void> {
  const { wire } = stage
  const bytes = jar('sums')
  const file = (artifact: string) => `com/acme/${artifact}/1.0/${artifact}-1.0.jar`
  const list = (artifact: string) =>
    wire.request('PUT', `com/acme/${artifact}/maven-metadata.xml`, {
      body: metadataText('com.acme', artifact, ['1.0']),
    })
  await t.test('a wrong one keeps the version Unfinished until the right one comes', async () => {
    await wire.put(file('wrong'), bytes)
    const reply = await wire.request('PUT', `${file('wrong')}.sha1`, { body: '0'.repeat(40) })
    assert.equal(reply.status, 400)
    assert.match(reply.reason, new RegExp(`checksum mismatch: expected sha1 ${sum('sha1', bytes)}`))
    assert.equal(await wire.put(`${file('wrong')}.md5`, sum('md5', bytes)), 200)
    const refusal = await list('wrong')
    assert.equal(refusal.status, 400)
    assert.match(refusal.reason, /cannot be finished: checksum mismatch/)
    assert.deepEqual(await versions(stage, 'wrong'), ['1.0 Unfinished INTERNAL'])
    assert.equal(await wire.put(`${file('wrong')}.sha1`, `${sum('sha1', bytes)}  wrong-1.0.jar\n`), 200)
    assert.equal((await list('wrong')).status, 200)
    assert.deepEqual(await versions(stage, 'wrong'), ['1.0 Published INTERNAL'])
  })
  await t.test('one in capitals is wrong, one before its file has nothing to be compared with', async () => {
    assert.equal(await wire.put(`${file('upper')}.sha256`, sum('sha256', bytes)), 404)
    await wire.put(file('upper'), bytes)
    assert.equal(await wire.put(`${file('upper')}.md5`, sum('md5', bytes).toUpperCase()), 400)
  })
  await t.test('a wrong one for what is Published changes nothing; computed ones are served', async () => {
    await wire.deploy('com.acme:computed:1.0')
    const path = file('computed')
    assert.equal(await wire.put(`${path}.sha1`, '0'.repeat(40)), 400)
    const served = await wire.get(path)
    assert.equal(served.status, 200)
    for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512'])
      assert.equal((await wire.get(`${path}.${algorithm}`)).text, sum(algorithm, served.bytes))
    assert.equal((await assets(stage, 'computed', '1.0')).length, 2, 'checksums are no assets')
    assert.equal((await wire.get(`${path.replace('.jar', '.war')}.sha1`)).status, 404)
  })
  await t.test('those of metadata are of what was sent, and those served of what is served', async () => {
    await wire.deploy('com.acme:listed:1.0')
    const sent = Buffer.from(metadataText('com.acme', 'listed', ['1.0', '7.0']))
    assert.equal(await wire.put('com/acme/listed/maven-metadata.xml', sent), 200)
    assert.equal(await wire.put('com/acme/listed/maven-metadata.xml.sha1', sum('sha1', sent)), 200)
    assert.equal(await wire.put('com/acme/listed/maven-metadata.xml.sha1', '0'.repeat(40)), 400)
    assert.equal(await wire.put('com/acme/unlisted/maven-metadata.xml.sha1', '0'.repeat(40)), 404)
    const served = await wire.get('com/acme/listed/maven-metadata.xml')
    assert.notDeepEqual(served.bytes, sent)
    for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512']) {
      const digest = sum(algorithm, served.bytes)
      assert.equal((await wire.get(`com/acme/listed/maven-metadata.xml.${algorithm}`)).text, digest)
      assert.equal(served.headers.get(`x-checksum-${algorithm}`), digest)
    }
  })
}

function pluginJar(prefix: string): Buffer {
  const content = `<plugin><goalPrefix>${prefix}</goalPrefix><artifactId>${prefix}-maven-plugin</artifactId></plugin>`
  return packZip([{ path: 'META-INF/maven/plugin.xml', content }])
}

async function metadata(t: TestContext, stage: Stage): Promise<void> {
  const { wire } = stage
  await t.test('versions stand in the order of Maven, releases apart', async () => {
    for (const version of ['1.0', '2.0-rc1', '1.10', '1.9', '2.0-SNAPSHOT']) {
      if (version.endsWith('SNAPSHOT')) await wire.deploySnapshot(`com.acme:order:${version}`, '20261101.120000', 1)
      else await wire.deploy(`com.acme:order:${version}`)
    }
    const { text, headers } = await wire.get('com/acme/order/maven-metadata.xml')
    assert.deepEqual(
      [...text.matchAll(/<version>(.*?)</g)].map(([, each]) => each),
      ['1.0', '1.9', '1.10', '2.0-rc1', '2.0-SNAPSHOT'],
    )
    assert.match(text, /<latest>2\.0-SNAPSHOT<\/latest>\s*<release>2\.0-rc1<\/release>/)
    assert.match(text, /<groupId>com\.acme<\/groupId>\s*<artifactId>order<\/artifactId>/)
    assert.match(text, /<lastUpdated>20\d{12}<\/lastUpdated>/)
    assert.equal(headers.get('content-type'), 'application/xml')
    assert.match(headers.get('cache-control') ?? '', /no-cache/)
  })
  await t.test('what cannot be, or is about something else, is refused', async () => {
    const bad = ['', '<metadata/>', '<metadata><a></metadata>', '<other/>', metadataText('com.acme', 'other', ['1.0'])]
    for (const body of [...bad, metadataText('com.other', 'refused', ['1.0'])]) {
      assert.equal(await wire.put('com/acme/refused/maven-metadata.xml', body), 400, body)
    }
  })
  await t.test(
    'a group of plug-ins keeps what its packages say, beside the versions of a package of that name',
    async () => {
      const plugin = (name: string) =>
        `<plugin><name>${name}</name><prefix>${name}</prefix><artifactId>${name}-maven-plugin</artifactId></plugin>`
      const group = 'com/acme/plugins/maven-metadata.xml'
      const sent = Buffer.from(`<metadata><plugins>${plugin('one')}</plugins></metadata>`)
      await wire.putFile(group, sent)
      await wire.putFile(group, Buffer.from(`<metadata><plugins>${plugin('one')}${plugin('two')}</plugins></metadata>`))
      const { text } = await wire.get(group)
      assert.deepEqual(
        [...text.matchAll(/<prefix>(.*?)</g)].map(([, prefix]) => prefix),
        ['one', 'two'],
      )
      await wire.deploy({
        coordinates: 'com.acme.plugins:three-maven-plugin:1.0',
        files: { '.jar': pluginJar('three') },
      })
      await wire.deploy('com.acme:plugins:3.0')
      const both = await wire.get(group)
      assert.match(both.text, /<version>3\.0<\/version>[^]*<prefix>one<\/prefix>[^]*<prefix>three<\/prefix>/)
      assert.equal((await wire.get(`${group}.sha1`)).text, sum('sha1', both.bytes))
    },
  )
}

async function permissions(t: TestContext, stage: Stage): Promise<void> {
  const { yard } = stage
  const repository = await yard.createRepository('strict', [])
  const statement = { Effect: 'Deny', Principal: '*', Action: 'codeartifact:PutPackageMetadata', Resource: '*' }
  const policyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statement })
  const target = { domain: firstDomain, repository }
  await yard.sdk.send(new PutRepositoryPermissionsPolicyCommand({ ...target, policyDocument }))
  const wire = new MavenWire(await yard.endpoint(repository, 'maven'), await yard.token())
  await t.test('who may not put metadata publishes files, and nothing is finished', async () => {
    for (const [path, body] of makeMaven('com.acme:strict:1.0').files) await wire.putFile(path, body)
    const body = metadataText('com.acme', 'strict', ['1.0'])
    const reply = await wire.request('PUT', 'com/acme/strict/maven-metadata.xml', { body })
    assert.equal(reply.status, 403)
    assert.match(reply.reason, /codeartifact:PutPackageMetadata/)
    const group =
      '<metadata><plugins><plugin><prefix>x</prefix><artifactId>x-maven-plugin</artifactId></plugin></plugins></metadata>'
    assert.equal(await wire.put('com/acme/maven-metadata.xml', group), 403)
    assert.equal(await wire.put('com/acme/strict/2.0-SNAPSHOT/strict-2.0-20261101.120000-1.jar', 'jar'), 201)
    for (const [path, file] of makeMaven('com.acme:strict-is-quiet:1.0').files) await stage.wire.put(path, file)
    await until('what came later to be Published', async () => {
      return (await versions(stage, 'strict-is-quiet'))[0] === '1.0 Published INTERNAL' || undefined
    })
    const strict = await yard.versions(repository, '@com.acme/strict', 'maven')
    assert.ok(strict.includes('1.0 Unfinished INTERNAL'), strict.join())
  })
}

async function snapshots(t: TestContext, stage: Stage): Promise<void> {
  const { wire, yard } = stage
  const folder = 'com/acme/snap/1.1-SNAPSHOT'
  const first = '1.1-20261101.120000-1'
  const second = '1.1-20261102.130000-2'
  const coordinates = 'com.acme:snap:1.1-SNAPSHOT'
  await t.test('a build is Unfinished until metadata names it; then the snapshot stands for it', async () => {
    const { files } = makeMaven(coordinates)
    for (const [path, body] of files) await wire.putFile(path.replace('snap-1.1-SNAPSHOT', `snap-${first}`), body)
    assert.deepEqual(await versions(stage, 'snap'), [`${first} Unfinished INTERNAL`])
    assert.equal((await wire.get(`${folder}/snap-${first}.jar`)).status, 404)
    assert.equal((await wire.get(`${folder}/maven-metadata.xml`)).status, 404)
    const build = { timestamp: '20261101.120000', buildNumber: 1 }
    await wire.putFile(`${folder}/maven-metadata.xml`, Buffer.from(snapshotText(coordinates, build)))
    assert.deepEqual(await versions(stage, 'snap'), [`${first} Unlisted INTERNAL`, '1.1-SNAPSHOT Published INTERNAL'])
    assert.deepEqual(await assets(stage, 'snap', '1.1-SNAPSHOT'), await assets(stage, 'snap', first))
    const revisions = await Promise.all(
      ['1.1-SNAPSHOT', first].map(async (version) => {
        return (await yard.sdk.send(new DescribePackageVersionCommand(named('snap', version)))).packageVersion?.revision
      }),
    )
    assert.notEqual(revisions[0], revisions[1])
  })
  await t.test('a second build takes over, and the first stays where it was', async () => {
    await wire.deploySnapshot(coordinates, '20261102.130000', 2)
    assert.deepEqual(await versions(stage, 'snap'), [
      `${first} Unlisted INTERNAL`,
      `${second} Unlisted INTERNAL`,
      '1.1-SNAPSHOT Published INTERNAL',
    ])
    assert.deepEqual(await assets(stage, 'snap', '1.1-SNAPSHOT'), await assets(stage, 'snap', second))
    const { text } = await wire.get(`${folder}/maven-metadata.xml`)
    assert.match(text, /<timestamp>20261102\.130000<\/timestamp>\s*<buildNumber>2<\/buildNumber>/)
    assert.deepEqual(
      [...text.matchAll(/<value>(.*?)</g)].map(([, value]) => value),
      [second, second],
    )
    for (const path of [
      `${folder}/snap-${first}.jar`,
      `com/acme/snap/${first}/snap-${first}.jar`,
      `${folder}/snap-1.1-SNAPSHOT.jar`,
    ])
      assert.equal((await wire.get(path)).status, 200, path)
    assert.equal((await wire.get(`${folder}/snap-1.1-SNAPSHOT.jar`)).text, `${coordinates} ${second}`)
    const list = await wire.get('com/acme/snap/maven-metadata.xml')
    assert.deepEqual(
      [...list.text.matchAll(/<version>(.*?)</g)].map(([, version]) => version),
      ['1.1-SNAPSHOT'],
    )
  })
  await t.test('a file that a later build lacks is named with the build that has it', async () => {
    assert.equal(await wire.put(`${folder}/snap-${first}-docs.tar.gz`, 'docs'), 201)
    const { text } = await wire.get(`${folder}/maven-metadata.xml`)
    assert.match(
      text,
      new RegExp(`<classifier>docs</classifier>\\s*<extension>tar.gz</extension>\\s*<value>${first}</value>`),
    )
    assert.equal((await assets(stage, 'snap', '1.1-SNAPSHOT')).length, 2)
  })
  await t.test('a file added to the newest build belongs to the snapshot too', async () => {
    assert.equal(await wire.put(`${folder}/snap-${second}-sources.jar`, 'sources'), 201)
    assert.equal((await assets(stage, 'snap', '1.1-SNAPSHOT')).length, 3)
    assert.equal(await wire.put(`${folder}/snap-${second}-sources.jar`, 'others'), 409)
  })
  await t.test('metadata that comes before its files waits for them', async () => {
    const early = 'com.acme:early:2.0-SNAPSHOT'
    const build = { timestamp: '20261103.000000', buildNumber: 1 }
    assert.equal(await wire.put('com/acme/early/2.0-SNAPSHOT/maven-metadata.xml', snapshotText(early, build)), 200)
    assert.deepEqual(await versions(stage, 'early'), [])
    for (const [path, body] of makeMaven(early).files)
      await wire.put(path.replace('early-2.0-SNAPSHOT', 'early-2.0-20261103.000000-1'), body)
    assert.deepEqual(await versions(stage, 'early'), [
      '2.0-20261103.000000-1 Unlisted INTERNAL',
      '2.0-SNAPSHOT Published INTERNAL',
    ])
    assert.equal((await assets(stage, 'early', '2.0-SNAPSHOT')).length, 2)
    await wire.deploySnapshot(early, '20261104.000000', 2)
    await wire.put('com/acme/early/2.0-SNAPSHOT/early-2.0-20261103.000000-1-late.jar', 'late')
    const { text } = await wire.get('com/acme/early/2.0-SNAPSHOT/maven-metadata.xml')
    assert.match(text, /<buildNumber>2</, 'an old build does not come back')
  })
  await t.test('metadata that names no build is refused', async () => {
    const path = 'com/acme/odd/1.0-SNAPSHOT/maven-metadata.xml'
    const right = snapshotText('com.acme:odd:1.0-SNAPSHOT', { timestamp: '20261103.000000', buildNumber: 1 })
    for (const body of [
      right.replace(/<timestamp>.*?<\/timestamp>/, ''),
      right.replaceAll(/<value>.*?<\/value>/g, '<value>1.0-20200101.000000-9</value>'),
      right.replace('<artifactId>odd', '<artifactId>even'),
      right.replace('<version>1.0-SNAPSHOT', '<version>2.0-SNAPSHOT'),
    ])
      assert.equal(await wire.put(path, body), 400, body)
  })
  await t.test('a snapshot without timestamps, as sbt publishes, may change', async () => {
    const path = 'com/acme/plain/1.0-SNAPSHOT/plain-1.0-SNAPSHOT'
    assert.equal(await wire.put(`${path}.jar`, 'first'), 201)
    assert.equal(await wire.put(`${path}.pom`, pomText('com.acme:plain:1.0-SNAPSHOT')), 201)
    await until(
      'it to be Published',
      async () => (await versions(stage, 'plain'))[0]?.includes('Published') || undefined,
    )
    const before = await wire.get('com/acme/plain/1.0-SNAPSHOT/maven-metadata.xml')
    assert.deepEqual(
      [...before.text.matchAll(/<value>(.*?)</g)].map(([, value]) => value),
      ['1.0-SNAPSHOT', '1.0-SNAPSHOT'],
    )
    assert.doesNotMatch(before.text, /<timestamp>/)
    assert.equal((await wire.get(`${path}.jar`)).text, 'first')
    assert.equal(await wire.put(`${path}.jar`, 'second'), 201)
    const reply = await wire.get(`${path}.jar`)
    assert.equal(reply.text, 'second')
    assert.match(reply.headers.get('cache-control') ?? '', /no-cache/)
    assert.equal((await wire.get(`${path}.jar.sha1`)).text, sum('sha1', Buffer.from('second')))
  })
}

async function quietVersions(t: TestContext, stage: Stage): Promise<void> {
  const { wire } = stage
  const isPublished = async (artifact: string) =>
    (await versions(stage, artifact))[0] === '1.0 Published INTERNAL' || undefined
  await t.test('one with a POM is Published when nothing more comes, and one without waits', async () => {
    await wire.put('com/acme/nopom/1.0/nopom-1.0.jar', 'jar')
    for (const [path, body] of makeMaven('com.acme:quiet:1.0').files) await wire.put(path, body)
    assert.deepEqual(await versions(stage, 'quiet'), ['1.0 Unfinished INTERNAL'])
    await until('it to be Published', () => isPublished('quiet'))
    assert.equal((await wire.get('com/acme/quiet/1.0/quiet-1.0.jar')).status, 200)
    assert.match((await wire.get('com/acme/quiet/maven-metadata.xml')).text, /<release>1\.0</)
    assert.deepEqual(await versions(stage, 'nopom'), ['1.0 Unfinished INTERNAL'])
  })
  await t.test('one with a wrong checksum waits for the right one', async () => {
    for (const [path, body] of makeMaven('com.acme:faulty:1.0').files) await wire.put(path, body)
    const path = 'com/acme/faulty/1.0/faulty-1.0.jar'
    assert.equal(await wire.put(`${path}.md5`, 'wrong'), 400)
    assert.equal(await wire.put('com/acme/faulty/1.0/faulty-1.0-x.jar', 'x'), 201)
    for (const [other, body] of makeMaven('com.acme:other:1.0').files) await wire.put(other, body)
    await until('another one to be Published', () => isPublished('other'))
    assert.deepEqual(await versions(stage, 'faulty'), ['1.0 Unfinished INTERNAL'])
    assert.equal(await wire.put(`${path}.md5`, sum('md5', jar('com.acme:faulty:1.0'))), 200)
    await until('it to be Published', () => isPublished('faulty'))
  })
}

async function facts(t: TestContext, stage: Stage): Promise<void> {
  const { wire, yard } = stage
  await t.test('licences and dependencies are those of the POM itself', async () => {
    const pom = `<name>Widgets of \${project.groupId}</name><description>Round</description><url>https://acme.example/\${project.artifactId}</url>
      <parent><groupId>com.acme</groupId><artifactId>parent</artifactId><version>7</version></parent>
      <licenses><license><name>Apache-2.0</name><url>https://acme.example/licence</url></license></licenses>
      <scm><connection>scm:git:https://acme.example/facts.git</connection></scm>
      <dependencies>
        <dependency><groupId>a.b</groupId><artifactId>c</artifactId><version>\${c.version}</version></dependency>
        <dependency><groupId>a.b</groupId><artifactId>d</artifactId><scope>test</scope><optional>true</optional><version>1</version></dependency>
        <dependency><groupId>a.b</groupId><artifactId>e</artifactId><scope>provided</scope></dependency>
      </dependencies>`
    await wire.deploy({ coordinates: 'com.acme:facts:1.0', pom })
    const { packageVersion } = await yard.sdk.send(new DescribePackageVersionCommand(named('facts', '1.0')))
    assert.equal(packageVersion?.displayName, 'Widgets of com.acme')
    assert.equal(packageVersion.summary, 'Round')
    assert.equal(packageVersion.homePage, 'https://acme.example/facts')
    assert.equal(packageVersion.sourceCodeRepository, 'https://acme.example/facts.git')
    assert.deepEqual(packageVersion.licenses, [{ name: 'Apache-2.0', url: 'https://acme.example/licence' }])
    const { dependencies = [] } = await yard.sdk.send(new ListPackageVersionDependenciesCommand(named('facts', '1.0')))
    assert.deepEqual(
      dependencies.map((each) => `${each.namespace}:${each.package}:${each.versionRequirement} ${each.dependencyType}`),
      ['com.acme:parent:7 parent', 'a.b:c:${c.version} compile', 'a.b:d:1 optional', 'a.b:e: provided'],
    )
  })
}

async function statuses(t: TestContext, stage: Stage): Promise<void> {
  const { wire } = stage
  const path = 'com/acme/status/1.0/status-1.0.jar'
  const list = async () => (await wire.get('com/acme/status/maven-metadata.xml')).text
  await wire.put(path, 'jar')
  await t.test('an Unfinished version can be published by the API', async () => {
    await setStatus(stage, 'status', '1.0', 'Published')
    assert.equal((await wire.get(path)).status, 200)
    assert.match(await list(), /<version>1\.0</)
  })
  await t.test('an Unlisted one is given away and not listed', async () => {
    await wire.deploy('com.acme:status:0.9')
    await setStatus(stage, 'status', '1.0', 'Unlisted')
    assert.equal((await wire.get(path)).status, 200)
    assert.doesNotMatch(await list(), /<version>1\.0</)
  })
  await t.test('an Archived one is not, and takes nothing more', async () => {
    await setStatus(stage, 'status', '1.0', 'Archived')
    assert.equal((await wire.get(path)).status, 404)
    assert.equal(await wire.put(path, 'jar'), 409)
    assert.equal(await wire.put(path.replace('.jar', '-sources.jar'), 'x'), 409)
  })
}
