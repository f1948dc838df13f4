import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { cleanEnvironment } from '../test/support/clients.ts'
import { makeMaven, metadataText, type MavenInput, pomText } from '../test/support/maven-package.ts'
import { MavenWire } from '../test/support/maven-wire.ts'
import { startPackyard } from '../test/support/packyard.ts'
import { runWell } from '../test/support/processes.ts'
import type { Lifetime } from '../test/support/upstream.ts'
import { type ClientScenario, clientFolder, type Errand, noise } from './client-rounds.ts'
import { hasNginx, startNginx, writeFiles } from './nginx.ts'

const artefactCount = 200
const group = 'org.bench'

/** About the middle of what jars have. Unit: bytes. */
const jarNoiseBytes = 50_000

/** Deployments at once; each sends its files one after the other. */
const deployedAtOnce = 8

/** Where Debian's Maven packages put plug-ins; the one that is used comes with `libmaven-dependency-plugin-java`. */
const plugins = '/usr/share/maven-repo'
const plugin = 'org.apache.maven.plugins:maven-dependency-plugin'
const pluginFolder = join(plugins, plugin.replaceAll(/[.:]/g, '/'))

/** `mvn dependency:resolve` with a local repository that has the plug-in and nothing else. */
export const maven: ClientScenario = {
  name: 'maven',
  title: `mvn dependency:resolve of ${artefactCount} artefacts of ${jarNoiseBytes / 1000} kB`,
  missing: () => {
    if (!hasProgram('mvn')) return 'mvn'
    if (pluginVersion() === undefined) return 'the dependency plug-in (libmaven-dependency-plugin-java)'
    return hasNginx ? undefined : 'nginx (nginx-light)'
  },
  prepare,
}

function hasProgram(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)))
}

/** The newest that is there. */
function pluginVersion(): string | undefined {
  if (!existsSync(pluginFolder)) return undefined
  const versions = readdirSync(pluginFolder).filter((version) => version.startsWith('3.'))
  return versions.sort((left, right) => left.localeCompare(right, 'en', { numeric: true })).at(-1)
}

async function prepare(lifetime: Lifetime): Promise<readonly Errand[]> {
  const homes = await clientFolder(lifetime)
  const yard = await startPackyard(lifetime, { processes: 1 })
  const token = await yard.token()
  const endpoint = await yard.endpoint('main', 'maven')
  const inputs = Array.from({ length: artefactCount }, (_, index) => makeInput(index))
  const left = [...inputs]
  const wire = new MavenWire(endpoint, token)
  const deploy = async () => {
    for (let next = left.pop(); next; next = left.pop()) await wire.deploy(next)
  }
  await Promise.all(Array.from({ length: deployedAtOnce }, deploy))
  const nginxFolder = join(yard.folder, 'nginx')
  for (const input of inputs) await writeFiles(join(nginxFolder, 'files'), layoutOf(input))
  const nginx = await startNginx(lifetime, nginxFolder)
  const project = await writeProject(homes, inputs)
  return [
    await errand('packyard', yard.server.pid, project, settings(endpoint, token)),
    await errand('nginx', nginx.pid, project, settings(nginx.url, undefined)),
  ]
}

function makeInput(index: number): MavenInput {
  return { coordinates: `${group}:artefact-${index}:1.0`, files: { '.jar': noise(index, jarNoiseBytes) } }
}

/** What a plain file server has of a version: each file with its checksums beside it. */
function layoutOf(input: MavenInput): ReadonlyMap<string, Buffer | string> {
  const { artifact, version, files: made } = makeMaven(input)
  const folder = `${group.replaceAll('.', '/')}/${artifact}`
  const metadata = Buffer.from(metadataText(group, artifact, [version]))
  const all = [...made, [`${folder}/maven-metadata.xml`, metadata] as const]
  return new Map(
    all.flatMap(([path, bytes]): [string, Buffer | string][] => [
      [path, bytes],
      [`${path}.sha1`, createHash('sha1').update(bytes).digest('hex')],
      [`${path}.md5`, createHash('md5').update(bytes).digest('hex')],
    ]),
  )
}

interface Project {
  readonly folder: string
  /** A local repository with the plug-in. */
  readonly plugins: string
}

/** A project that needs them all, and the plug-in, which does not count. */
async function writeProject(parent: string, inputs: readonly MavenInput[]): Promise<Project> {
  const folder = join(parent, 'project')
  await mkdir(folder)
  const project: Project = { folder, plugins: join(parent, 'plugins') }
  await writeFile(join(folder, 'settings.xml'), settings(`file://${plugins}`, undefined))
  await writeFile(join(folder, 'pom.xml'), pomText('org.bench:project:1.0', { packaging: 'pom' }))
  await resolve(project, join(folder, 'settings.xml'), project.plugins)
  // Without these notes Maven does not ask where the files came from.
  for (const file of await readdir(project.plugins, { recursive: true })) {
    if (file.endsWith('_remote.repositories')) await rm(join(project.plugins, file))
  }
  const dependencies = inputs.map(({ coordinates }) => {
    const [groupId, artifactId, version] = coordinates.split(':')
    return `<dependency><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version></dependency>`
  })
  const pom = `<dependencies>\n${dependencies.join('\n')}\n</dependencies>`
  await writeFile(join(folder, 'pom.xml'), pomText('org.bench:project:1.0', { packaging: 'pom', pom }))
  return project
}

/** As `packyard` has people write them, so that plug-ins would come from there too. */
function settings(url: string, token: string | undefined): string {
  const preemptive = '<httpConfiguration><all><usePreemptive>true</usePreemptive></all></httpConfiguration>'
  const account = `<username>aws</username><password>${token}</password><configuration>${preemptive}</configuration>`
  const servers = token === undefined ? '' : `<servers><server><id>bench</id>${account}</server></servers>`
  const mirror = `<mirror><id>bench</id><mirrorOf>*</mirrorOf><url>${url}</url></mirror>`
  return `<settings>${servers}<mirrors>${mirror}</mirrors></settings>\n`
}

async function errand(server: string, pid: number, project: Project, text: string): Promise<Errand> {
  const file = join(project.folder, `settings-${server}.xml`)
  const local = join(project.folder, `local-${server}`)
  await writeFile(file, text)
  return {
    server,
    pid,
    run: async () => {
      await rm(local, { recursive: true, force: true })
      await cp(project.plugins, local, { recursive: true })
      const { durationMs } = await resolve(project, file, local)
      const fetched = await readdir(join(local, group.replaceAll('.', '/')), { recursive: true })
      assert.equal(fetched.filter((path) => path.endsWith('.jar')).length, artefactCount, 'every jar has come')
      return durationMs
    },
  }
}

function resolve({ folder }: Project, settingsFile: string, local: string) {
  const words = ['--batch-mode', '--quiet', '--settings', settingsFile, `-Dmaven.repo.local=${local}`]
  return runWell('mvn', [...words, `${plugin}:${pluginVersion()}:resolve`], {
    cwd: folder,
    env: cleanEnvironment(folder),
  })
}
