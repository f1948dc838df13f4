import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cleanEnvironment } from './clients.ts'
import { type Run, run, runWell } from './processes.ts'
import { skipWithout } from './requirements.ts'

export type JavaTool = 'mvn' | 'gradle' | 'lein'

/** For the `skip` option of a test that runs one of them. */
export function skipWithoutTool(tool: JavaTool): string | false {
  return skipWithout(tool, existsSync(`/usr/bin/${tool}`))
}

/** Debian's Maven artifacts, among them the plug-ins that Maven cannot do without. */
export const debianArtifacts = '/usr/share/maven-repo'

export interface JavaLogin {
  readonly endpoint: string
  readonly token: string
  /** A certificate authority's key store in PKCS #12, for an endpoint with a certificate of ours. */
  readonly trustStore?: string
}

/** No secret: what is inside is public. */
const trustStorePassword = 'changeit'

/** A key store that trusts an authority, made in `folder` as `packyard trust` says. */
export async function makeTrustStore(folder: string, authorityFile: string): Promise<string> {
  const store = join(folder, 'packyard.p12')
  const words = ['-importcert', '-noprompt', '-alias', 'packyard', '-file', authorityFile]
  const into = ['-keystore', store, '-storetype', 'PKCS12', '-storepass', trustStorePassword]
  await runWell('keytool', [...words, ...into], { cwd: folder, env: cleanEnvironment(folder) })
  return store
}

/** Maven, Gradle and Leiningen with a home, caches and a folder of their own. */
export class JavaClient {
  readonly folder: string
  readonly #login: JavaLogin
  readonly #env: Record<string, string>

  private constructor(folder: string, login: JavaLogin) {
    this.folder = folder
    this.#login = login
    const store = login.trustStore === undefined ? '' : `-Djavax.net.ssl.trustStore=${login.trustStore}`
    const trust = store && `${store} -Djavax.net.ssl.trustStorePassword=${trustStorePassword}`
    const home = join(folder, 'home')
    this.#env = {
      ...cleanEnvironment(home),
      CODEARTIFACT_AUTH_TOKEN: login.token,
      // What starts soonest is what tests want.
      MAVEN_OPTS: `-XX:TieredStopAtLevel=1 -XX:+UseSerialGC ${trust}`,
      GRADLE_OPTS: `-XX:TieredStopAtLevel=1 -Dorg.gradle.daemon=false ${trust}`,
      LEIN_JVM_OPTS: `-XX:TieredStopAtLevel=1 -Duser.home=${home} ${trust}`,
      LEIN_HOME: join(home, '.lein'),
    }
  }

  /** Made in `parent`, which the caller removes. */
  static async create(parent: string, login: JavaLogin): Promise<JavaClient> {
    const client = new JavaClient(await mkdtemp(join(parent, 'java-')), login)
    await client.write({ 'settings.xml': mavenSettings(login.endpoint) })
    await mkdir(join(client.folder, 'home'))
    return client
  }

  get endpoint(): string {
    return this.#login.endpoint
  }

  /** Files by their path below the client's folder. */
  async write(files: Readonly<Record<string, string | Buffer>>): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(this.folder, path)), { recursive: true })
      await writeFile(join(this.folder, path), content)
    }
  }

  /** Everything through the endpoint, plug-ins too; the words of `command` are separated by spaces. */
  attemptMaven(command: string, project = '.'): Promise<Run> {
    const home = join(this.folder, 'home')
    const common = ['-B', '-ntp', '-s', join(this.folder, 'settings.xml'), `-Duser.home=${home}`]
    const words = [...common, `-Dmaven.repo.local=${join(home, 'repository')}`, ...command.split(' ')]
    return run('/usr/bin/mvn', words, { cwd: join(this.folder, project), env: this.#env })
  }

  async maven(command: string, project?: string): Promise<Run> {
    return succeed(`mvn ${command}`, await this.attemptMaven(command, project))
  }

  async gradle(command: string, project = '.'): Promise<Run> {
    const words = ['--no-daemon', '--console=plain', '-g', join(this.folder, 'home/gradle'), ...command.split(' ')]
    return succeed(`gradle ${command}`, await run('/usr/bin/gradle', words, this.#in(project)))
  }

  async lein(command: string, project = '.'): Promise<Run> {
    return succeed(`lein ${command}`, await run('/usr/bin/lein', command.split(' '), this.#in(project)))
  }

  /** Everything that was fetched, as on a new machine; or what is below a folder of Maven's local repository. */
  async forget(below?: string): Promise<void> {
    const fetched = below === undefined ? 'home' : `home/repository/${below}`
    await rm(join(this.folder, fetched), { recursive: true, force: true })
    await mkdir(join(this.folder, 'home'), { recursive: true })
  }

  #in(project: string) {
    return { cwd: join(this.folder, project), env: this.#env }
  }
}

function succeed(command: string, result: Run): Run {
  if (result.code === 0) return result
  throw new Error(`${command} ended with ${result.code ?? 'a signal'}:\n${result.output}`)
}

/** Source: what `setup` prints. */
function mavenSettings(endpoint: string): string {
  return `<settings>
  <interactiveMode>false</interactiveMode>
  <pluginGroups><pluginGroup>com.acme.tools</pluginGroup></pluginGroups>
  <servers><server><id>codeartifact</id><username>aws</username><password>\${env.CODEARTIFACT_AUTH_TOKEN}</password></server></servers>
  <mirrors><mirror><id>codeartifact</id><mirrorOf>*</mirrorOf><url>${endpoint}</url></mirror></mirrors>
</settings>
`
}
