import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { DescribePackageVersionCommand } from '@aws-sdk/client-codeartifact'
import { makeMaven, pomText, snapshotText } from '../../../test/support/maven-package.ts'
import { type MavenStage, startMaven, sum } from '../../../test/support/maven-stage.ts'
import { until } from '../../../test/support/processes.ts'

test('Snapshots of Maven packages', async (t) => {
  const stage = await startMaven(t)
  await snapshots(t, stage)
})

async function snapshots(t: TestContext, stage: MavenStage): Promise<void> {
  const { wire, yard } = stage
  const folder = 'com/acme/snap/1.1-SNAPSHOT'
  const first = '1.1-20261101.120000-1'
  const second = '1.1-20261102.130000-2'
  const coordinates = 'com.acme:snap:1.1-SNAPSHOT'
  await t.test('a build is Unfinished until metadata names it; then the snapshot stands for it', async () => {
    const { files } = makeMaven(coordinates)
    for (const [path, body] of files) await wire.putFile(path.replace('snap-1.1-SNAPSHOT', `snap-${first}`), body)
    assert.deepEqual(await stage.versions('snap'), [`${first} Unfinished INTERNAL`])
    assert.equal((await wire.get(`${folder}/snap-${first}.jar`)).status, 404)
    assert.equal((await wire.get(`${folder}/maven-metadata.xml`)).status, 404)
    const build = { timestamp: '20261101.120000', buildNumber: 1 }
    await wire.putFile(`${folder}/maven-metadata.xml`, Buffer.from(snapshotText(coordinates, build)))
    assert.deepEqual(await stage.versions('snap'), [`${first} Unlisted INTERNAL`, '1.1-SNAPSHOT Published INTERNAL'])
    assert.deepEqual(await stage.assets('snap', '1.1-SNAPSHOT'), await stage.assets('snap', first))
    const revisions = await Promise.all(
      ['1.1-SNAPSHOT', first].map(async (version) => {
        return (await yard.sdk.send(new DescribePackageVersionCommand(stage.named('snap', version)))).packageVersion
          ?.revision
      }),
    )
    assert.notEqual(revisions[0], revisions[1])
  })
  await t.test('a second build takes over, and the first stays where it was', async () => {
    await wire.deploySnapshot(coordinates, '20261102.130000', 2)
    assert.deepEqual(await stage.versions('snap'), [
      `${first} Unlisted INTERNAL`,
      `${second} Unlisted INTERNAL`,
      '1.1-SNAPSHOT Published INTERNAL',
    ])
    assert.deepEqual(await stage.assets('snap', '1.1-SNAPSHOT'), await stage.assets('snap', second))
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
    assert.equal((await stage.assets('snap', '1.1-SNAPSHOT')).length, 2)
  })
  await t.test('a file added to the newest build belongs to the snapshot too', async () => {
    assert.equal(await wire.put(`${folder}/snap-${second}-sources.jar`, 'sources'), 201)
    assert.equal((await stage.assets('snap', '1.1-SNAPSHOT')).length, 3)
    assert.equal(await wire.put(`${folder}/snap-${second}-sources.jar`, 'others'), 409)
  })
  await t.test('metadata that comes before its files waits for them', async () => {
    const early = 'com.acme:early:2.0-SNAPSHOT'
    const build = { timestamp: '20261103.000000', buildNumber: 1 }
    assert.equal(await wire.put('com/acme/early/2.0-SNAPSHOT/maven-metadata.xml', snapshotText(early, build)), 200)
    assert.deepEqual(await stage.versions('early'), [])
    for (const [path, body] of makeMaven(early).files)
      await wire.put(path.replace('early-2.0-SNAPSHOT', 'early-2.0-20261103.000000-1'), body)
    assert.deepEqual(await stage.versions('early'), [
      '2.0-20261103.000000-1 Unlisted INTERNAL',
      '2.0-SNAPSHOT Published INTERNAL',
    ])
    assert.equal((await stage.assets('early', '2.0-SNAPSHOT')).length, 2)
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
      async () => (await stage.versions('plain'))[0]?.includes('Published') || undefined,
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
