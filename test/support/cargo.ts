import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { cargoToml, type CrateInput } from './cargo-crate.ts'
import { cleanEnvironment } from './clients.ts'
import { type Run, run } from './processes.ts'
import { skipWithout } from './requirements.ts'

/** Where rustup keeps its toolchains, for its stand-ins of cargo and rustc; others do not look at it. */
export const rustupHome = process.env.RUSTUP_HOME ?? join(homedir(), '.rustup')

/** For the `skip` option of a test that runs Cargo: 1.74 is the first that can log in to a sparse registry. */
export function skipWithoutCargo(): string | false {
  const { stdout } = spawnSync('cargo', ['--version'], { encoding: 'utf8' })
  const minor = Number(/^cargo 1\.(\d+)\./.exec(stdout ?? '')?.[1] ?? 0)
  return skipWithout('cargo 1.74 or newer, with rustc', minor >= 74)
}

/** How Cargo is told the token. */
export type CargoLogin = 'token from a command' | 'token as it is' | 'bearer token' | 'log in later'

/** Cargo with a home and a project of its own, set up for one repository called `pk`, which also stands for the public one. */
export class CargoClient {
  readonly folder: string
  /** The folder that `run` works in: a crate called `application`, without dependencies at first. */
  readonly project: string
  readonly #env: Record<string, string>

  private constructor(folder: string) {
    this.folder = folder
    this.project = join(folder, 'application')
    this.#env = { ...cleanEnvironment(join(folder, 'home')), RUSTUP_HOME: rustupHome, CARGO_HOME: this.home }
  }

  get home(): string {
    return join(this.folder, 'cargo')
  }

  /** Made in `folder`, which the caller removes. `ca`: a file of certificates to trust. */
  static async create(
    folder: string,
    { endpoint, token, login, ca }: { endpoint: string; token: string; login: CargoLogin; ca?: string },
  ): Promise<CargoClient> {
    const client = new CargoClient(await mkdtemp(join(folder, 'cargo-')))
    await mkdir(client.home)
    const tokenFile = join(client.folder, 'token')
    await writeFile(tokenFile, `${token}\n`)
    const isCommand = login === 'token from a command'
    const provider = isCommand ? `cargo:token-from-stdout cat ${tokenFile}` : 'cargo:token'
    if (login === 'token as it is') client.#env.CARGO_REGISTRIES_PK_TOKEN = token
    if (login === 'bearer token') client.#env.CARGO_REGISTRIES_PK_TOKEN = `Bearer ${token}`
    if (ca !== undefined) client.#env.CARGO_HTTP_CAINFO = ca
    await writeFile(
      join(client.home, 'config.toml'),
      `[registries.pk]\nindex = "sparse+${endpoint}"\ncredential-provider = "${provider}"\n\n` +
        '[source.crates-io]\nreplace-with = "pk"\n\n[net]\nretry = 0\n',
    )
    await client.newCrate({ name: 'application', version: '0.0.0' }, client.project)
    return client
  }

  /** Writes a crate's sources, as a person would have them. */
  async newCrate(input: CrateInput, folder = join(this.folder, `${input.name}-${input.version}`)): Promise<string> {
    await mkdir(join(folder, 'src'), { recursive: true })
    await writeFile(join(folder, 'Cargo.toml'), `${cargoToml(input)}\n[workspace]\n`)
    await writeFile(join(folder, 'src/lib.rs'), `pub const VERSION: &str = "${input.version}";\n`)
    return folder
  }

  /** A command that has to succeed, its words separated by spaces. */
  async run(command: string, cwd = this.project): Promise<Run> {
    const result = await this.attempt(command, cwd)
    assert.equal(result.code, 0, `cargo ${command}:\n${result.output}`)
    return result
  }

  /** A command that may fail. */
  attempt(command: string, cwd = this.project): Promise<Run> {
    return run('cargo', command.split(' '), { cwd, env: this.#env })
  }

  /** `cargo login` with a token from its standard input. */
  login(token: string): Promise<Run> {
    const words = ['-c', 'printf "%s\\n" "$0" | cargo login --registry pk', token]
    return run('sh', words, { cwd: this.project, env: this.#env })
  }

  /** For settings that Cargo, or what it runs, reads from its environment. */
  setEnvironment(values: Readonly<Record<string, string>>): void {
    Object.assign(this.#env, values)
  }

  async publish(input: CrateInput): Promise<Run> {
    return this.run('publish --registry pk --no-verify --allow-dirty', await this.newCrate(input))
  }

  /** Versions of a crate in the project's lock file. */
  async locked(crate: string): Promise<string[]> {
    const text = await readFile(join(this.project, 'Cargo.lock'), 'utf8')
    const found = [...text.matchAll(/name = "([^"]+)"\nversion = "([^"]+)"/g)]
    return found.filter(([, name]) => name === crate).map(([, , version = '']) => version)
  }

  async unlock(): Promise<void> {
    await rm(join(this.project, 'Cargo.lock'), { force: true })
  }

  /** Clears every cache, and what is built; keeps settings, sources and the lock file. */
  async forget(): Promise<void> {
    await rm(join(this.home, 'registry'), { recursive: true, force: true })
    await rm(join(this.project, 'target'), { recursive: true, force: true })
  }
}
