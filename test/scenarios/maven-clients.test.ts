import assert from 'node:assert/strict'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { clientCommands } from '../../src/formats/maven/conformance.ts'
import { debianArtifacts, JavaClient, skipWithoutTool } from '../support/java-clients.ts'
import { pomText } from '../support/maven-package.ts'
import { MavenWire } from '../support/maven-wire.ts'
import type { Packyard } from '../support/packyard.ts'
import { testOnEachSetup } from '../support/setups.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'

const java = 'public class Widget { public static String name() { return "widget"; } }'
const user = 'public class User { public static void main(String[] arguments) { System.out.println(Widget.name()); } }'

const properties = `<properties><maven.compiler.source>17</maven.compiler.source><maven.compiler.target>17</maven.compiler.target>
  <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding></properties>`

function distribution(endpoint: string): string {
  const place = (kind: string) => `<${kind}><id>codeartifact</id><url>${endpoint}</url></${kind}>`
  return `<distributionManagement>${place('repository')}${place('snapshotRepository')}</distributionManagement>`
}

function dependencies(...all: readonly string[]): string {
  const elements = all.map((coordinates) => {
    const [group, artifact, version, scope = 'compile'] = coordinates.split(':')
    return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version><scope>${scope}</scope></dependency>`
  })
  return `<dependencies>${elements.join('')}</dependencies>`
}

interface Stage {
  readonly yard: Packyard
  readonly upstream: Upstream
  readonly client: JavaClient
  readonly wire: MavenWire
}

testOnEachSetup('Maven builds with everything from here', { skip: skipWithoutTool('mvn') }, async (t, setup) => {
  const stage = await begin(t, setup.start)
  await t.test('deploy', () => deployAll(stage))
  if (setup.name === 'SQLite') {
    await t.test('build from it, without the upstream', () => buildOffline(stage))
    await t.test('a second deploy', () => deployAgain(stage))
    await t.test('snapshots', () => deploySnapshots(stage))
    await t.test('single files, and a goal by its prefix', () => useFiles(stage))
  }
})

async function begin(t: TestContext, start: (options: object) => Promise<Packyard>): Promise<Stage> {
  const upstream = await startUpstream(t, {
    maven: ['org.tools:tiny:1.0', 'org.tools:tiny:1.5', 'org.codehaus.plexus:plexus-utils:1.1'],
  })
  upstream.maven.folder = debianArtifacts
  const yard = await start({ connections: { 'public:maven-central': upstream.maven.url } })
  const endpoint = await yard.endpoint('main', 'maven')
  const token = await yard.token()
  return {
    yard,
    upstream,
    client: await JavaClient.create(yard.folder, { endpoint, token }),
    wire: new MavenWire(endpoint, token),
  }
}

async function deployAll({ yard, client }: Stage): Promise<void> {
  const shared = `${distribution(client.endpoint)}${properties}<modules><module>widget</module></modules>`
  const parent = '<parent><groupId>com.acme</groupId><artifactId>parent</artifactId><version>3</version></parent>'
  await client.write({
    'pom.xml': pomText('com.acme:parent:3', { packaging: 'pom', pom: shared }),
    'widget/pom.xml': pomText('com.acme:widget:1.0', { pom: parent }),
    'widget/src/main/java/Widget.java': java,
    'user/pom.xml': pomText('com.acme:user:1.0', { pom: properties + dependencies('com.acme:widget:[1.0,2.0)') }),
    'user/src/main/java/User.java': user,
  })
  await client.maven('deploy')
  assert.deepEqual(await yard.versions('main', '@com.acme/widget', 'maven'), ['1.0 Published INTERNAL'])
  assert.deepEqual(await yard.versions('main', '@com.acme/parent', 'maven'), ['3 Published INTERNAL'])
  const plugin = '@org.apache.maven.plugins/maven-jar-plugin'
  for (const repository of ['main', 'maven-central-store'])
    assert.match((await yard.versions(repository, plugin, 'maven'))[0] ?? '', /Published EXTERNAL$/)
}

async function buildOffline({ upstream, client }: Stage): Promise<void> {
  await client.forget()
  await upstream.stop()
  await client.maven('package', 'user')
  await access(join(client.folder, 'user/target/user-1.0.jar'))
  await upstream.restart()
}

async function deployAgain({ client, yard }: Stage): Promise<void> {
  await client.write({ 'widget/src/main/java/More.java': 'class More {}' })
  const refused = await client.attemptMaven('deploy', 'widget')
  assert.equal(refused.code, 1)
  assert.match(refused.output, /409 widget-1\.0\.jar already exists with different content/)
  const secret = yard.secret('not-a-real-token-of-anybody')
  const stranger = await JavaClient.create(yard.folder, { endpoint: client.endpoint, token: secret })
  const get = 'dependency:get -Dartifact=com.acme:widget:1.0 -Dtransitive=false'
  const denied = await stranger.attemptMaven(get)
  assert.equal(denied.code, 1)
  assert.match(denied.output, /401|[Uu]nauthorized|authentication/)
}

async function deploySnapshots({ client, yard, wire }: Stage): Promise<void> {
  const project = pomText('com.acme:news:1.1-SNAPSHOT', { pom: distribution(client.endpoint) + properties })
  const source = (text: string) => `public class News { public static String text() { return "${text}"; } }`
  const reader = pomText('com.acme:reader:1.0', { pom: properties + dependencies('com.acme:news:1.1-SNAPSHOT') })
  const repositories = `<repositories><repository><id>codeartifact</id><url>${client.endpoint}</url><snapshots><enabled>true</enabled></snapshots></repository></repositories>`
  await client.write({
    'news/pom.xml': project,
    'reader/pom.xml': reader.replace('</project>', `${repositories}</project>`),
    'reader/src/main/java/Reader.java': 'class Reader { String text = News.text(); }',
  })
  for (const text of ['first', 'second']) {
    await client.write({ 'news/src/main/java/News.java': source(text) })
    await client.maven('deploy', 'news')
  }
  const versions = await yard.versions('main', '@com.acme/news', 'maven')
  assert.equal(versions.length, 3)
  assert.equal(versions.at(-1), '1.1-SNAPSHOT Published INTERNAL')
  assert.ok(
    versions.slice(0, 2).every((version) => /^1\.1-\d{8}\.\d{6}-[12] Unlisted/.test(version)),
    versions.join(),
  )
  await client.forget('com/acme')
  await client.maven('-U dependency:copy-dependencies', 'reader')
  const [, second = ''] = versions.map((version) => version.split(' ')[0] ?? '')
  const { text } = await wire.get('com/acme/news/1.1-SNAPSHOT/maven-metadata.xml')
  assert.ok(text.includes(`<value>${second}</value>`), text)
  const served = await wire.get(`com/acme/news/1.1-SNAPSHOT/news-${second}.jar`)
  assert.deepEqual(await readFile(join(client.folder, 'reader/target/dependency/news-1.1-SNAPSHOT.jar')), served.bytes)
}

async function useFiles({ client, yard, wire }: Stage): Promise<void> {
  await client.write({ 'plain.jar': 'not really a jar' })
  const coordinates = '-DgroupId=com.acme -DartifactId=plain -Dversion=2.0 -Dpackaging=jar'
  await client.maven(
    `deploy:deploy-file -Durl=${client.endpoint} -DrepositoryId=codeartifact -Dfile=plain.jar ${coordinates}`,
  )
  assert.deepEqual(await yard.versions('main', '@com.acme/plain', 'maven'), ['2.0 Published INTERNAL'])
  const named = { '{groupId}': 'com.acme', '{artifactId}': 'plain', '{version}': '2.0' }
  for (const command of clientCommands) {
    await client.maven(command.replace(/\{\w+\}/g, (field) => named[field as keyof typeof named]))
  }
  await client.write({
    'plugin/pom.xml': pomText('com.acme.tools:hello-maven-plugin:1.0', {
      packaging: 'maven-plugin' as 'jar',
      pom:
        distribution(client.endpoint) +
        properties +
        dependencies(
          'org.apache.maven:maven-plugin-api:3.x:provided',
          'org.apache.maven.plugin-tools:maven-plugin-annotations:3.7.1:provided',
        ),
    }),
    'plugin/src/main/java/com/acme/tools/Hello.java': `package com.acme.tools;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugins.annotations.Mojo;
@Mojo(name = "say", requiresProject = false)
public class Hello extends AbstractMojo {
  public void execute() { getLog().info("hello from a plug-in of our own"); }
}
`,
  })
  await client.maven('deploy', 'plugin')
  assert.match((await wire.get('com/acme/tools/maven-metadata.xml')).text, /<prefix>hello<\/prefix>/)
  await client.forget('com/acme')
  assert.match((await client.maven('hello:say')).output, /hello from a plug-in of our own/)
}
