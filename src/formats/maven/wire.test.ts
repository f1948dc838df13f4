import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { DeletePackageVersionsCommand, DescribePackageVersionCommand } from '@aws-sdk/client-codeartifact'
import { jar, metadataText, pomText } from '../../../test/support/maven-package.ts'
import { type MavenStage, startMaven, sum } from '../../../test/support/maven-stage.ts'
import { MavenWire } from '../../../test/support/maven-wire.ts'

/** Every test below speaks to one server, each with packages of its own. */
test('Maven on the wire', async (t) => {
  const stage = await startMaven(t)
  await t.test('asking', (inner) => asking(inner, stage))
  await t.test('releases', (inner) => releases(inner, stage))
  await t.test('checksums', (inner) => checksums(inner, stage))
  await t.test('statuses', (inner) => statuses(inner, stage))
})

async function asking(t: TestContext, stage: MavenStage): Promise<void> {
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

async function releases(t: TestContext, stage: MavenStage): Promise<void> {
  const { wire, yard } = stage
  const base = 'com/acme/release/1.0/release-1.0'
  const bytes = jar('first')
  await t.test('a version is Unfinished, and not given away, until metadata names it', async () => {
    assert.equal(await wire.put(`${base}.jar`, bytes), 201)
    assert.equal(await wire.put(`${base}.pom`, pomText('com.acme:release:1.0')), 201)
    assert.deepEqual(await stage.versions('release'), ['1.0 Unfinished INTERNAL'])
    assert.equal((await wire.get(`${base}.jar`)).status, 404)
    assert.equal((await wire.get('com/acme/release/maven-metadata.xml')).status, 404)
    assert.equal(
      await wire.put('com/acme/release/maven-metadata.xml', metadataText('com.acme', 'release', ['0.9', '1.0'])),
      200,
    )
    assert.deepEqual(await stage.versions('release'), ['1.0 Published INTERNAL'])
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
    await yard.sdk.send(new DeletePackageVersionsCommand({ ...stage.named('again'), versions: ['1.0'] }))
    assert.equal(await wire.put(path, jar('second')), 201)
  })
  await t.test('further files are added at any time, signatures and Gradle metadata among them', async () => {
    for (const suffix of ['-sources.jar', '.jar.asc', '.module', '-linux-x86_64.tar.gz'])
      assert.equal(await wire.put(base + suffix, `content of ${suffix}`), 201)
    assert.equal((await wire.get(`${base}.module`)).headers.get('content-type'), 'application/json')
    const names = (await stage.assets('release', '1.0')).map((asset) => asset.split(' ')[0])
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
    assert.equal((await stage.assets('many', '1.0')).length, suffixes.length)
    for (const suffix of ['-f.jar', '-g.jar'])
      assert.equal(await wire.put(`com/acme/many/1.0/many-1.0${suffix}`, suffix), 201)
    const reply = await wire.request('PUT', 'com/acme/many/1.0/many-1.0-h.jar', { body: 'one too many' })
    assert.equal(reply.status, 413)
    assert.match(reply.reason, /Assets per package version/)
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
    assert.deepEqual(await stage.versions('bad'), [])
    const latin = Buffer.from(
      '<?xml version="1.0" encoding="ISO-8859-1"?><project><groupId>com.acme</groupId><artifactId>bad</artifactId><version>1.0</version><name>Bj\xf8rn &oslash;</name></project>',
      'latin1',
    )
    assert.equal(await wire.put(path, latin), 201)
    const { packageVersion } = await yard.sdk.send(new DescribePackageVersionCommand(stage.named('bad', '1.0')))
    assert.equal(packageVersion?.displayName, 'Bjørn &oslash;')
  })
}

async function checksums(t: TestContext, stage: MavenStage): Promise<void> {
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
    assert.deepEqual(await stage.versions('wrong'), ['1.0 Unfinished INTERNAL'])
    assert.equal(await wire.put(`${file('wrong')}.sha1`, `${sum('sha1', bytes)}  wrong-1.0.jar\n`), 200)
    assert.equal((await list('wrong')).status, 200)
    assert.deepEqual(await stage.versions('wrong'), ['1.0 Published INTERNAL'])
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
    assert.equal((await stage.assets('computed', '1.0')).length, 2, 'checksums are no assets')
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

async function statuses(t: TestContext, stage: MavenStage): Promise<void> {
  const { wire } = stage
  const path = 'com/acme/status/1.0/status-1.0.jar'
  const list = async () => (await wire.get('com/acme/status/maven-metadata.xml')).text
  await wire.put(path, 'jar')
  await t.test('an Unfinished version can be published by the API', async () => {
    await stage.setStatus('status', '1.0', 'Published')
    assert.equal((await wire.get(path)).status, 200)
    assert.match(await list(), /<version>1\.0</)
  })
  await t.test('an Unlisted one is given away and not listed', async () => {
    await wire.deploy('com.acme:status:0.9')
    await stage.setStatus('status', '1.0', 'Unlisted')
    assert.equal((await wire.get(path)).status, 200)
    assert.doesNotMatch(await list(), /<version>1\.0</)
  })
  await t.test('an Archived one is not, and takes nothing more', async () => {
    await stage.setStatus('status', '1.0', 'Archived')
    assert.equal((await wire.get(path)).status, 404)
    assert.equal(await wire.put(path, 'jar'), 409)
    assert.equal(await wire.put(path.replace('.jar', '-sources.jar'), 'x'), 409)
  })
}
