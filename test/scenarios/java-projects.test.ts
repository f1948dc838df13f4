import assert from 'node:assert/strict'
import { access, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setup } from '../../src/formats/maven/setup.ts'
import { debianArtifacts, JavaClient, makeTrustStore, skipWithoutTool } from '../support/java-clients.ts'
import { jar, pomText } from '../support/maven-package.ts'
import { type Packyard, startPackyard } from '../support/packyard.ts'
import { until } from '../support/processes.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'

interface Stage {
  readonly yard: Packyard
  readonly upstream: Upstream
  readonly client: JavaClient
}

/** A real package of Debian's folder, which everything that is made here depends on. */
const real = dependency('commons-cli', 'commons-cli', '1.5.0')
const realJar = 'commons-cli-1.5.0.jar'

/** In a POM. */
function dependency(group: string, artifact: string, version: string): string {
  const coordinates = `<groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>`
  return `<dependencies><dependency>${coordinates}</dependency></dependencies>`
}

for (const scheme of ['HTTP', 'HTTPS'] as const) {
  const title = `what a Java tool publishes over ${scheme} is resolved, again while the public repository is gone`
  test(title, { skip: skipWithoutTool('mvn') }, async (t) => {
    const stage = await begin(t, scheme)
    await t.test('Maven', () => byMaven(stage))
    await t.test('Gradle', { skip: skipWithoutTool('gradle') }, () => byGradle(stage))
    await t.test('Leiningen', { skip: skipWithoutTool('lein') }, () => byLeiningen(stage))
  })
}

async function begin(t: TestContext, scheme: 'HTTP' | 'HTTPS'): Promise<Stage> {
  const upstream = await startUpstream(t)
  upstream.maven.folder = debianArtifacts
  const isSafe = scheme === 'HTTPS'
  const connections = { 'public:maven-central': upstream.maven.url }
  const env = { PACKYARD_FINISH_QUIET_SECONDS: '1', ...(isSafe && { PACKYARD_TLS: 'auto' }) }
  const yard = await startPackyard(t, { connections, processes: 1, env })
  const endpoint = await yard.endpoint('main', 'maven')
  assert.equal(new URL(endpoint).protocol, isSafe ? 'https:' : 'http:')
  const trustStore = isSafe ? await makeTrustStore(yard.folder, join(yard.dataDir, 'ca.pem')) : undefined
  const login = { endpoint, token: await yard.token(), ...(trustStore !== undefined && { trustStore }) }
  const client = await JavaClient.create(yard.folder, login)
  const steps = setup(new URL(endpoint))
  const settings = steps.find(({ file }) => file === '~/.m2/settings.xml')?.text ?? ''
  await client.write({ 'settings.xml': settings })
  return { yard, upstream, client }
}

async function byMaven({ yard, upstream, client }: Stage): Promise<void> {
  await client.write({
    'x.jar': jar('by Maven'),
    'x.xml': pomText('com.acme:by-maven:1.0', { pom: real }),
    'consumer/pom.xml': pomText('com.acme:consumer:1.0', { pom: dependency('com.acme', 'by-maven', '1.0') }),
  })
  const place = `-Durl=${client.endpoint} -DrepositoryId=codeartifact`
  await client.maven(`deploy:deploy-file ${place} -Dfile=x.jar -DpomFile=x.xml`)
  assert.deepEqual(await yard.versions('main', '@com.acme/by-maven', 'maven'), ['1.0 Published INTERNAL'])
  const copied = join(client.folder, 'consumer/target/dependency')
  await withoutUpstream(upstream, async () => {
    // Its plug-ins stay: they are fetched without the upstream in the tests of Maven alone.
    for (const folder of ['com/acme', 'commons-cli']) await client.forget(folder)
    await rm(copied, { recursive: true, force: true })
    await client.maven('dependency:copy-dependencies', 'consumer')
    for (const file of ['by-maven-1.0.jar', realJar]) await access(join(copied, file))
  })
}

/**
 * Debian's Gradle cannot publish as `maven-publish` does. What it can is send the files of the same publication by its
 * own transport: `ivy-publish`, told the layout of a Maven repository.
 */
async function byGradle({ yard, upstream, client }: Stage): Promise<void> {
  const place = `url '${client.endpoint}'
    credentials {
      username 'aws'
      password System.env.CODEARTIFACT_AUTH_TOKEN
    }`
  const file = (extension: string) =>
    `artifact(source: file('by-gradle.${extension}'), extension: '${extension}', type: '${extension}')`
  await client.write({
    'producer/settings.gradle': "rootProject.name = 'by-gradle'\n",
    'producer/by-gradle.pom': pomText('com.acme:by-gradle:1.0', { pom: real }),
    'producer/by-gradle.module': '{"formatVersion": "1.1"}',
    'producer/src/main/java/Widget.java': 'public class Widget {}',
    'producer/build.gradle': `apply plugin: 'java'
apply plugin: 'ivy-publish'
group = 'com.acme'
version = '1.0'
publishing {
  publications {
    main(IvyPublication) {
      from components.java
      ${file('pom')}
      ${file('module')}
    }
  }
  repositories {
    ivy {
      ${place}
      layout 'pattern', {
        artifact '[organisation]/[module]/[revision]/[module]-[revision](-[classifier]).[ext]'
        ivy '[organisation]/[module]/[revision]/[module]-[revision]-ivy.xml'
        m2compatible = true
      }
    }
  }
}
`,
    'consumer-gradle/build.gradle': `apply plugin: 'java'
repositories {
  maven {
    ${place}
  }
}
dependencies {
  compile 'com.acme:by-gradle:1.+'
}
task copy(type: Copy) {
  from configurations.runtime
  into 'libraries'
}
`,
  })
  await client.gradle('publish', 'producer')
  await until('the version to be Published, as nobody sends metadata', async () => {
    const [version] = await yard.versions('main', '@com.acme/by-gradle', 'maven')
    return version === '1.0 Published INTERNAL' || undefined
  })
  const libraries = join(client.folder, 'consumer-gradle/libraries')
  await withoutUpstream(upstream, async () => {
    await client.forget()
    await rm(libraries, { recursive: true, force: true })
    await client.gradle('copy', 'consumer-gradle')
    for (const library of ['by-gradle-1.0.jar', realJar]) await access(join(libraries, library))
  })
}

async function byLeiningen({ yard, upstream, client }: Stage): Promise<void> {
  const place = `{:url "${client.endpoint}" :username "aws" :password :env/codeartifact_auth_token :sign-releases false}`
  const plainHttp = `(require 'cemerick.pomegranate.aether)
(cemerick.pomegranate.aether/register-wagon-factory!
  "http" #(org.apache.maven.wagon.providers.http.HttpWagon.))
`
  const project = (name: string, dependencies: string) => `${client.endpoint.startsWith('http:') ? plainHttp : ''}
(defproject ${name} :description "Made by Leiningen"
  :license {:name "EPL-2.0"}
  :repositories ^:replace [["codeartifact" ${place}]]
  :plugin-repositories ^:replace [["codeartifact" ${place}]]
  :deploy-repositories [["releases" ${place}]]
  :dependencies ${dependencies})
`
  await client.write({
    'clj/project.clj': project('com.acme/by-lein "0.1.0"', '[[commons-cli "1.5.0"]]'),
    'clj/src/acme/core.clj': '(ns acme.core)',
    'other/project.clj': project('com.acme/other "0.1.0"', '[[com.acme/by-lein "0.1.0"]]'),
  })
  await client.lein('deploy releases', 'clj')
  assert.deepEqual(await yard.versions('main', '@com.acme/by-lein', 'maven'), ['0.1.0 Published INTERNAL'])
  const local = join(client.folder, 'home/.m2/repository')
  await withoutUpstream(upstream, async () => {
    await client.forget()
    await client.lein('deps', 'other')
    for (const path of ['com/acme/by-lein/0.1.0/by-lein-0.1.0.jar', `commons-cli/commons-cli/1.5.0/${realJar}`])
      await access(join(local, path))
  })
}

/** First as on a day like any other; then from nothing, and without the public repository. */
async function withoutUpstream(upstream: Upstream, resolve: () => Promise<void>): Promise<void> {
  await resolve()
  await upstream.stop()
  await resolve()
  await upstream.restart()
}
