import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  DescribePackageVersionCommand,
  ListPackageVersionDependenciesCommand,
  PutRepositoryPermissionsPolicyCommand,
} from '@aws-sdk/client-codeartifact'
import { jar, makeMaven, metadataText } from '../../../test/support/maven-package.ts'
import { type MavenStage, startMaven, sum } from '../../../test/support/maven-stage.ts'
import { MavenWire } from '../../../test/support/maven-wire.ts'
import { firstDomain } from '../../../test/support/packyard.ts'
import { until } from '../../../test/support/processes.ts'
import { packZip } from '../../../test/support/zip-archive.ts'

/** Every test below speaks to one server, each with packages of its own. */
test('Finishing versions of Maven packages', async (t) => {
  const stage = await startMaven(t)
  await t.test('metadata', (inner) => metadata(inner, stage))
  await t.test('permissions', (inner) => permissions(inner, stage))
  await t.test('quiet versions', (inner) => quietVersions(inner, stage))
  await t.test('facts', (inner) => facts(inner, stage))
})

function pluginJar(prefix: string): Buffer {
  const content = `<plugin><goalPrefix>${prefix}</goalPrefix><artifactId>${prefix}-maven-plugin</artifactId></plugin>`
  return packZip([{ path: 'META-INF/maven/plugin.xml', content }])
}

async function metadata(t: TestContext, stage: MavenStage): Promise<void> {
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

async function permissions(t: TestContext, stage: MavenStage): Promise<void> {
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
      return (await stage.versions('strict-is-quiet'))[0] === '1.0 Published INTERNAL' || undefined
    })
    const strict = await yard.versions(repository, '@com.acme/strict', 'maven')
    assert.ok(strict.includes('1.0 Unfinished INTERNAL'), strict.join())
  })
}

async function quietVersions(t: TestContext, stage: MavenStage): Promise<void> {
  const { wire } = stage
  const isPublished = async (artifact: string) =>
    (await stage.versions(artifact))[0] === '1.0 Published INTERNAL' || undefined
  await t.test('one with a POM is Published when nothing more comes, and one without waits', async () => {
    await wire.put('com/acme/nopom/1.0/nopom-1.0.jar', 'jar')
    for (const [path, body] of makeMaven('com.acme:quiet:1.0').files) await wire.put(path, body)
    assert.deepEqual(await stage.versions('quiet'), ['1.0 Unfinished INTERNAL'])
    await until('it to be Published', () => isPublished('quiet'))
    assert.equal((await wire.get('com/acme/quiet/1.0/quiet-1.0.jar')).status, 200)
    assert.match((await wire.get('com/acme/quiet/maven-metadata.xml')).text, /<release>1\.0</)
    assert.deepEqual(await stage.versions('nopom'), ['1.0 Unfinished INTERNAL'])
  })
  await t.test('one with a wrong checksum waits for the right one', async () => {
    for (const [path, body] of makeMaven('com.acme:faulty:1.0').files) await wire.put(path, body)
    const path = 'com/acme/faulty/1.0/faulty-1.0.jar'
    assert.equal(await wire.put(`${path}.md5`, 'wrong'), 400)
    assert.equal(await wire.put('com/acme/faulty/1.0/faulty-1.0-x.jar', 'x'), 201)
    for (const [other, body] of makeMaven('com.acme:other:1.0').files) await wire.put(other, body)
    await until('another one to be Published', () => isPublished('other'))
    assert.deepEqual(await stage.versions('faulty'), ['1.0 Unfinished INTERNAL'])
    assert.equal(await wire.put(`${path}.md5`, sum('md5', jar('com.acme:faulty:1.0'))), 200)
    await until('it to be Published', () => isPublished('faulty'))
  })
}

async function facts(t: TestContext, stage: MavenStage): Promise<void> {
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
    const { packageVersion } = await yard.sdk.send(new DescribePackageVersionCommand(stage.named('facts', '1.0')))
    assert.equal(packageVersion?.displayName, 'Widgets of com.acme')
    assert.equal(packageVersion.summary, 'Round')
    assert.equal(packageVersion.homePage, 'https://acme.example/facts')
    assert.equal(packageVersion.sourceCodeRepository, 'https://acme.example/facts.git')
    assert.deepEqual(packageVersion.licenses, [{ name: 'Apache-2.0', url: 'https://acme.example/licence' }])
    const { dependencies = [] } = await yard.sdk.send(
      new ListPackageVersionDependenciesCommand(stage.named('facts', '1.0')),
    )
    assert.deepEqual(
      dependencies.map((each) => `${each.namespace}:${each.package}:${each.versionRequirement} ${each.dependencyType}`),
      ['com.acme:parent:7 parent', 'a.b:c:${c.version} compile', 'a.b:d:1 optional', 'a.b:e: provided'],
    )
  })
}
