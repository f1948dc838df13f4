import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageEntries, type PackageFields } from './npm-package.ts'
import { type Run, run } from './processes.ts'
import { skipWithout } from './requirements.ts'
import type { TarEntry } from './tarball.ts'

const modules = fileURLToPath(new URL('../clients/node_modules/', import.meta.url))

/** How one client of the npm family is started and what its commands are called. */
export interface ClientKind {
  readonly name: string
  /** Below the folder that the clients are installed in. */
  readonly program: string
  readonly startedBy: 'node' | 'itself'
  readonly publish: string
  readonly add: string
  /** Installs exactly what the lock file says. */
  readonly frozen: string
  readonly lockFile: string
  /** What has to be run in a package before it can be published. */
  readonly beforePublish?: string
}

export const clientKinds: readonly ClientKind[] = [
  npm('npm 10', 'npm-10'),
  npm('npm 11', 'npm-11'),
  {
    name: 'pnpm 12',
    program: 'pnpm/bin/pnpm.mjs',
    startedBy: 'node',
    publish: 'publish --no-git-checks',
    add: 'add',
    frozen: 'install --frozen-lockfile',
    lockFile: 'pnpm-lock.yaml',
  },
  {
    name: 'Yarn 1',
    program: 'yarn/bin/yarn.js',
    startedBy: 'node',
    publish: 'publish --non-interactive --no-git-tag-version --new-version',
    add: 'add --non-interactive',
    frozen: 'install --non-interactive --frozen-lockfile',
    lockFile: 'yarn.lock',
  },
  {
    name: 'Yarn 4',
    program: '@yarnpkg/cli-dist/bin/yarn.js',
    startedBy: 'node',
    publish: 'npm publish',
    add: 'add',
    frozen: 'install --immutable',
    lockFile: 'yarn.lock',
    beforePublish: 'install',
  },
  {
    name: 'Bun',
    program: `@oven/bun-${process.platform}-${process.arch === 'arm64' ? 'aarch64' : process.arch}/bin/bun`,
    startedBy: 'itself',
    publish: 'publish',
    add: 'add',
    frozen: 'install --frozen-lockfile',
    lockFile: 'bun.lock',
  },
]

export type ClientName = 'npm 10' | 'npm 11' | 'pnpm 12' | 'Yarn 1' | 'Yarn 4' | 'Bun'

export function clientKind(name: ClientName): ClientKind {
  const found = clientKinds.find((kind) => kind.name === name)
  if (!found) throw new Error(`no client is called ${name}`)
  return found
}

/** The words that start it. */
export function clientProgram(name: ClientName): readonly string[] {
  const { program, startedBy } = clientKind(name)
  const path = join(modules, program)
  return startedBy === 'itself' ? [path] : [process.execPath, path]
}

/** For the `skip` option of a test that runs this client. */
export function skipWithoutClient(name: string): string | false {
  const kind = clientKind(name as ClientName)
  return skipWithout(`${name} (npm run clients)`, existsSync(join(modules, kind.program)))
}

/** Nothing of the machine's own settings: a home of its own, and this Node before any other. */
export function cleanEnvironment(home: string): Record<string, string> {
  const path = [dirname(process.execPath), process.env.PATH ?? ''].join(delimiter)
  return { PATH: path, HOME: home, LANG: 'C.UTF-8', CI: '1' }
}

/** One client with its own home, its own cache and its own project. */
export class PackageClient {
  readonly kind: ClientKind
  readonly home: string
  /** The folder that `run` works in: a package called `application`, without dependencies at first. */
  readonly project: string
  readonly #env: Record<string, string>

  private constructor(kind: ClientKind, folder: string) {
    this.kind = kind
    this.home = join(folder, 'home')
    this.project = join(folder, 'application')
    this.#env = cleanEnvironment(this.home)
    // for root it would choose a folder that all users share
    if (kind.name === 'Yarn 1') this.#env.YARN_CACHE_FOLDER = join(this.home, '.cache')
  }

  /** Made in `folder`, which the caller removes. It knows no registry until `configure`, or until somebody logs in. */
  static async create(kind: ClientKind, folder: string): Promise<PackageClient> {
    const client = new PackageClient(kind, await mkdtemp(join(folder, `${kind.name.replace(' ', '-')}-`)))
    await mkdir(client.home, { recursive: true })
    await client.#makeProject(client.project, [
      {
        path: 'package.json',
        content: '{"name":"application","version":"1.0.0","private":true,"license":"UNLICENSED"}',
      },
    ])
    return client
  }

  /** Writes the settings that the client's own documentation asks for, into its home. */
  async configure(endpoint: string, token: string): Promise<void> {
    const key = endpoint.slice(endpoint.indexOf(':') + 1)
    await writeFile(
      join(this.home, '.npmrc'),
      `registry=${endpoint}\n${key}:_authToken=${token}\nalways-auth=true\nupdate-notifier=false\nfund=false\n`,
    )
    const hosts = '["127.0.0.1", "localhost"]'
    await writeFile(
      join(this.home, '.yarnrc.yml'),
      `npmRegistryServer: "${endpoint}"\nnpmAuthToken: "${token}"\nnpmAlwaysAuth: true\nunsafeHttpWhitelist: ${hosts}\n` +
        'enableTelemetry: false\nnodeLinker: node-modules\nenableGlobalCache: false\nenableImmutableInstalls: false\n' +
        // its minimal age stays as it is for everything else
        'npmPreapprovedPackages: ["@acme/*", "own-*"]\n',
    )
    if (this.kind.name === 'Bun') this.#env.NPM_CONFIG_TOKEN = token
  }

  /** For settings that a client reads from its environment. */
  setEnvironment(values: Readonly<Record<string, string>>): void {
    Object.assign(this.#env, values)
  }

  /** A command that has to succeed, its words separated by spaces. */
  async run(command: string, cwd = this.project): Promise<Run> {
    const result = await this.attempt(command, cwd)
    if (result.code === 0) return result
    throw new Error(`${this.kind.name}: ${command} ended with ${result.code ?? 'a signal'}:\n${result.output}`)
  }

  /** A command that may fail. `answers` are typed when it asks. */
  async attempt(command: string, cwd = this.project, answers: Readonly<Record<string, string>> = {}): Promise<Run> {
    const [program = '', ...first] = clientProgram(this.kind.name as ClientName)
    return run(program, [...first, ...command.split(' ').filter(Boolean)], { cwd, env: this.#env, answers })
  }

  add(...specs: string[]): Promise<Run> {
    return this.run(`${this.kind.add} ${specs.join(' ')}`)
  }

  installFrozen(): Promise<Run> {
    return this.run(this.kind.frozen)
  }

  /** Publishes a package made for the purpose; `options` go to the client. */
  async publish(fields: PackageFields, options = ''): Promise<Run> {
    const result = await this.attemptPublish(fields, options)
    if (result.code === 0) return result
    throw new Error(`${this.kind.name}: publish ended with ${result.code ?? 'a signal'}:\n${result.output}`)
  }

  async attemptPublish(fields: PackageFields, options = ''): Promise<Run> {
    const folder = await mkdtemp(join(dirname(this.project), 'package-'))
    const { name, version, dependencies, manifest } = fields
    const described = { name, version, license: 'Apache-2.0', main: 'index.js', dependencies, ...manifest }
    const entries = packageEntries(described, fields.files)
    await this.#makeProject(
      folder,
      entries.map((entry) => ({ ...entry, path: entry.path.replace('package/', '') })),
    )
    if (this.kind.beforePublish) await this.run(this.kind.beforePublish, folder)
    const newVersion = this.kind.publish.endsWith('--new-version') ? version : ''
    return this.attempt(`${this.kind.publish} ${newVersion} ${options}`, folder)
  }

  /** `name@version` of what stands in the project's node_modules; pnpm puts what others need into a folder in there. */
  async installed(name: string): Promise<string> {
    const places = ['node_modules', 'node_modules/.pnpm/node_modules'].map((place) => join(this.project, place, name))
    const found = places.find((place) => existsSync(place))
    assert.ok(found, `${this.kind.name} did not install ${name}`)
    const { version } = JSON.parse(await readFile(join(found, 'package.json'), 'utf8')) as { version: string }
    return `${name}@${version}`
  }

  /** Clears every cache, and what is installed; keeps settings, package.json and lock file. */
  async forget(): Promise<void> {
    const kept = new Set(['.npmrc', '.yarnrc.yml', 'package.json', 'pnpm-workspace.yaml', this.kind.lockFile])
    for (const folder of [this.home, this.project]) {
      const entries = (await readdir(folder)).filter((entry) => !kept.has(entry))
      await Promise.all(entries.map((entry) => rm(join(folder, entry), { recursive: true, force: true })))
    }
  }

  async #makeProject(folder: string, files: readonly TarEntry[]): Promise<void> {
    await mkdir(folder, { recursive: true })
    const all = this.kind.name === 'Yarn 4' ? [...files, { path: 'yarn.lock' }] : files
    for (const { path, content = '' } of all) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), content)
    }
  }
}

function npm(name: string, folder: string): ClientKind {
  return {
    name,
    program: `${folder}/bin/npm-cli.js`,
    startedBy: 'node',
    publish: 'publish',
    add: 'install',
    frozen: 'ci',
    lockFile: 'package-lock.json',
  }
}
