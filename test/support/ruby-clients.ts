import { execFileSync } from 'node:child_process'
import { glob, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cleanEnvironment } from './clients.ts'
import { type Run, run } from './processes.ts'
import { skipWithout } from './requirements.ts'

/** For the `skip` option of a test that runs gem and Bundler. */
export function skipWithoutRuby(): string | false {
  return skipWithout('gem and bundle (apt-get install ruby bundler)', ['gem', 'bundle'].every(isThere))
}

function isThere(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** gem and Bundler with a home of their own; everything they install lies below it. */
export class RubyClient {
  readonly folder: string
  readonly #env: Record<string, string>
  readonly #endpoint: string
  readonly #token: string

  private constructor(folder: string, endpoint: string, token: string) {
    this.folder = folder
    this.#endpoint = endpoint
    this.#token = token
    this.#env = {
      ...cleanEnvironment(join(folder, 'home')),
      GEM_HOME: join(folder, 'gems'),
      GEM_PATH: join(folder, 'gems'),
      BUNDLE_PATH: join(folder, 'bundle'),
      BUNDLE_RETRY: '0',
      GEM_HOST_API_KEY: `Bearer ${token}`,
      RUBYGEMS_HOST: endpoint.replace(/\/$/, ''),
    }
  }

  /** In `parent`, which the caller removes. */
  static async create(parent: string, endpoint: string, token: string, ca?: string): Promise<RubyClient> {
    const client = new RubyClient(await mkdtemp(join(parent, 'ruby-')), endpoint, token)
    await mkdir(join(client.folder, 'home'))
    await mkdir(join(client.folder, 'work'))
    if (ca !== undefined) Object.assign(client.#env, { SSL_CERT_FILE: ca, BUNDLE_SSL_CA_CERT: ca })
    await client.bundle(`config set --global ${endpoint} aws:${token}`)
    return client
  }

  /** The endpoint with its token, as a source of gem. */
  get source(): string {
    return this.#endpoint.replace('://', `://aws:${this.#token}@`)
  }

  /** A command of gem that has to succeed. */
  async gem(command: string): Promise<Run> {
    return expectWell(await this.attemptGem(command), `gem ${command}`)
  }

  attemptGem(command: string, env: Readonly<Record<string, string>> = {}): Promise<Run> {
    return this.#run('gem', command, env)
  }

  /** A command of Bundler that has to succeed. */
  async bundle(command: string): Promise<Run> {
    return expectWell(await this.attemptBundle(command), `bundle ${command}`)
  }

  attemptBundle(command: string): Promise<Run> {
    return this.#run('bundle', command, {})
  }

  /** Without the gems that stand in the folder: gem would take those. */
  async install(gem: string): Promise<Run> {
    for await (const file of glob(join(this.folder, 'work', '*.gem'))) await rm(file)
    return this.gem(`install --clear-sources --source ${this.source} --no-document ${gem}`)
  }

  /** Writes a file into the folder that commands run in. */
  async write(path: string, content: string): Promise<void> {
    const file = join(this.folder, 'work', path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
  }

  /** Makes a gem with `gem build`. */
  async build(name: string, version: string, more: readonly string[] = []): Promise<string> {
    await this.write(`lib/${name}.rb`, `puts '${name} ${version}'\n`)
    const lines = [
      `s.name = '${name}'`,
      `s.version = '${version}'`,
      "s.summary = 'Made for a test'",
      "s.authors = ['Ada']",
      "s.license = 'MIT'",
      `s.files = ['lib/${name}.rb']`,
      ...more,
    ]
    await this.write(`${name}.gemspec`, `Gem::Specification.new do |s|\n${lines.join('\n')}\nend\n`)
    await this.gem(`build ${name}.gemspec`)
    return `${name}-${version}.gem`
  }

  gemfile(...gems: readonly string[]): Promise<void> {
    return this.write('Gemfile', [`source '${this.#endpoint}'`, ...gems.map((gem) => `gem ${gem}`), ''].join('\n'))
  }

  /** What was installed; caches, settings and lock file stay. */
  uninstall(): Promise<void> {
    return this.#remove(['gems', 'bundle'])
  }

  /** What Bundler has decided so far. */
  unlock(): Promise<void> {
    return this.#remove(['work/Gemfile.lock'])
  }

  /** What was installed, and every cache; settings and lock file stay. */
  forget(): Promise<void> {
    return this.#remove(['gems', 'bundle', 'home/.bundle/cache', 'home/.gem', 'home/.local', 'home/.cache'])
  }

  async #remove(paths: readonly string[]): Promise<void> {
    for (const path of paths) await rm(join(this.folder, path), { recursive: true, force: true })
  }

  #run(program: string, command: string, env: Readonly<Record<string, string>>): Promise<Run> {
    const words = command.split(' ').filter(Boolean)
    return run(program, words, { cwd: join(this.folder, 'work'), env: { ...this.#env, ...env } })
  }
}

function expectWell(result: Run, command: string): Run {
  if (result.code === 0) return result
  throw new Error(`${command} ended with ${result.code ?? 'a signal'}:\n${result.output}`)
}
