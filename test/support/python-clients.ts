import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { cleanEnvironment } from './clients.ts'
import { type Run, run } from './processes.ts'
import { skipWithout } from './requirements.ts'

/** A program of the Python world, as it stands on this machine. */
export interface PythonTool {
  /** `pip 23.0.1` */
  readonly name: string
  readonly program: string
  /** Before a command's own words. */
  readonly words: readonly string[]
}

/** Asks a Python who it is, and what it has. */
const question = `
import sys, json, importlib.metadata as m
def version(name):
    try: return m.version(name)
    except m.PackageNotFoundError: return None
print(json.dumps({"program": sys.executable, "versions": {name: version(name) for name in ("pip", "build")}}))
`

const pythons = findPythons()

/** The pips on the PATH, one of each version, each with its own Python. */
export const pips: readonly PythonTool[] = withModule('pip')

const [build] = withModule('build')
const twine = findProgram('twine')
const poetry = findProgram('poetry')
const pdm = findProgram('pdm')

/** Wheels of real projects, which Debian keeps for virtual environments. */
export const debianWheels = '/usr/share/python-wheels'

export const skipWithoutPip = skipWithout('pip', pips.length > 0)
export const skipWithoutTwine = skipWithout('twine', twine !== undefined)
export const skipWithoutBuild = skipWithout('build (python3-build)', build !== undefined)
export const skipWithoutPoetry = skipWithout('Poetry', poetry !== undefined)
export const skipWithoutPdm = skipWithout('PDM', pdm !== undefined)
export const skipWithoutWheels = skipWithout(
  'a folder of wheels (python3-setuptools-whl, python3-wheel-whl)',
  existsSync(debianWheels),
)

/** A person with a home, a cache and a project of their own, who works with one repository. */
export class PythonUser {
  readonly home: string
  /** The folder that commands run in. */
  readonly project: string
  readonly endpoint: string
  readonly #token: string
  readonly #ca: string | undefined
  readonly #env: Record<string, string>

  private constructor(folder: string, endpoint: string, token: string, ca: string | undefined) {
    this.home = join(folder, 'home')
    this.project = join(folder, 'project')
    this.endpoint = endpoint
    this.#token = token
    this.#ca = ca
    this.#env = {
      ...cleanEnvironment(this.home),
      PYTHON_KEYRING_BACKEND: 'keyring.backends.null.Keyring',
      ...(ca !== undefined && { TWINE_CERT: ca, POETRY_CERTIFICATES_YARD_CERT: ca }),
    }
  }

  /** Made in `folder`, which the caller removes. `ca` is the file of the authority to trust, where the endpoint has one. */
  static async create(folder: string, endpoint: string, token: string, ca?: string): Promise<PythonUser> {
    const user = new PythonUser(await mkdtemp(join(folder, 'python-')), endpoint, token, ca)
    await mkdir(user.home)
    await mkdir(user.project)
    return user
  }

  /** With credentials in it, as `pip --index-url` takes it. */
  get indexUrl(): string {
    return this.endpoint.replace('://', `://aws:${this.#token}@`) + 'simple/'
  }

  async write(files: Readonly<Record<string, string | Buffer>>): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      const file = join(this.project, path)
      await mkdir(join(file, '..'), { recursive: true })
      await writeFile(file, content)
    }
  }

  async read(path: string): Promise<string> {
    return readFile(join(this.project, path), 'utf8')
  }

  /** A command that has to succeed. */
  async run(tool: PythonTool | undefined, words: readonly string[], env: Record<string, string> = {}): Promise<Run> {
    const result = await this.attempt(tool, words, env)
    if (result.code === 0) return result
    throw new Error(`${tool?.name} ${words.join(' ')} ended with ${result.code ?? 'a signal'}:\n${result.output}`)
  }

  /** A command that may fail. */
  attempt(tool: PythonTool | undefined, words: readonly string[], env: Record<string, string> = {}): Promise<Run> {
    if (!tool) throw new Error('the tool is missing')
    return run(tool.program, [...tool.words, ...words], { cwd: this.project, env: { ...this.#env, ...env } })
  }

  /** A PATH on which `pip` is this one, for programs that call it by that name. */
  async linkPip(pip: PythonTool | undefined): Promise<string> {
    const bin = join(this.home, 'bin')
    await mkdir(bin, { recursive: true })
    await writeFile(join(bin, 'pip'), `#!/bin/sh\nexec ${pip?.program} ${pip?.words.join(' ')} "$@"\n`, { mode: 0o755 })
    return `${bin}${delimiter}${this.#env['PATH']}`
  }

  /** Into the folder `installed`, from nothing: no cache, nothing that stood there before. */
  async attemptInstall(pip: PythonTool | undefined, ...specs: readonly string[]): Promise<Run> {
    await rm(join(this.project, 'installed'), { recursive: true, force: true })
    const options = ['--no-cache-dir', '--disable-pip-version-check', '--no-input', '--target', 'installed']
    const trust = this.#ca === undefined ? [] : ['--cert', this.#ca]
    return this.attempt(pip, ['--isolated', 'install', ...options, ...trust, '--index-url', this.indexUrl, ...specs])
  }

  async install(pip: PythonTool | undefined, ...specs: readonly string[]): Promise<Run> {
    const result = await this.attemptInstall(pip, ...specs)
    if (result.code === 0) return result
    throw new Error(`${pip?.name} install ${specs.join(' ')} ended with ${result.code}:\n${result.output}`)
  }

  /** The version that the installed module says it is. */
  async installed(module: string): Promise<string> {
    const text = await readFile(join(this.project, 'installed', module, '__init__.py'), 'utf8')
    return /VERSION = '([^']*)'/.exec(text)?.[1] ?? ''
  }

  /** A wheel and an sdist of the project in `dist`. */
  build(): Promise<Run> {
    return this.run(build, ['--no-isolation', '.'])
  }

  /** What a build needs to know of a module that says its version. */
  async writeProject(name: string, version: string, more: readonly string[] = []): Promise<void> {
    const module = name.toLowerCase().replace(/[-_.]+/g, '_')
    await this.write({
      'pyproject.toml': [
        '[build-system]',
        'requires = ["setuptools"]',
        'build-backend = "setuptools.build_meta"',
        '[project]',
        `name = "${name}"`,
        `version = "${version}"`,
        'requires-python = ">=3.8"',
        ...more,
        '[tool.setuptools]',
        `packages = ["${module}"]`,
        '',
      ].join('\n'),
      [`${module}/__init__.py`]: `VERSION = '${version}'\n`,
    })
  }

  attemptTwine(...files: readonly string[]): Promise<Run> {
    const options = ['--non-interactive', '--disable-progress-bar', '--verbose', '--repository-url', this.endpoint]
    return this.attempt(twine, ['upload', ...options, '-u', 'aws', '-p', this.#token, ...files])
  }

  async twine(...files: readonly string[]): Promise<Run> {
    const result = await this.attemptTwine(...files)
    if (result.code === 0) return result
    throw new Error(`twine ended with ${result.code}:\n${result.output}`)
  }

  /** twine with what is in the home. */
  twineFromSettings(...files: readonly string[]): Promise<Run> {
    return this.run(twine, [
      'upload',
      '--non-interactive',
      '--disable-progress-bar',
      '--repository',
      'codeartifact',
      ...files,
    ])
  }

  poetry(...words: readonly string[]): Promise<Run> {
    return this.run(poetry, [...words, '--no-interaction'], {
      POETRY_REPOSITORIES_YARD_URL: this.endpoint,
      POETRY_HTTP_BASIC_YARD_USERNAME: 'aws',
      POETRY_HTTP_BASIC_YARD_PASSWORD: this.#token,
      POETRY_VIRTUALENVS_IN_PROJECT: 'true',
    })
  }

  pdm(...words: readonly string[]): Promise<Run> {
    return this.run(pdm, words, {
      PDM_CHECK_UPDATE: 'false',
      PDM_PUBLISH_USERNAME: 'aws',
      PDM_PUBLISH_PASSWORD: this.#token,
      CODEARTIFACT_AUTH_TOKEN: this.#token,
    })
  }
}

interface FoundPython {
  readonly program: string
  /** By module; undefined where it is not there. */
  readonly versions: Readonly<Record<string, string | undefined>>
}

/** Each Python on the PATH, by its own name: what stands there may be a shim. */
function findPythons(): FoundPython[] {
  const found = new Map<string, FoundPython>()
  for (const program of onPath('python3')) {
    const { stdout } = spawnSync(program, ['-c', question], { encoding: 'utf8' })
    const python = stdout ? (JSON.parse(stdout) as FoundPython) : undefined
    if (python) found.set(python.program.replace(/^\/usr\/bin\//, '/bin/'), python)
  }
  return [...found.values()]
}

/** One of each version, the newest first. */
function withModule(module: string): PythonTool[] {
  const tools = new Map<string, PythonTool>()
  for (const { program, versions } of pythons) {
    const version = versions[module]
    if (version) tools.set(version, { name: `${module} ${version}`, program, words: ['-m', module] })
  }
  return [...tools.values()].sort((left, right) => right.name.localeCompare(left.name, 'en', { numeric: true }))
}

function findProgram(name: string): PythonTool | undefined {
  const [program] = onPath(name)
  return program === undefined ? undefined : { name, program, words: [] }
}

function onPath(name: string): string[] {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  return folders.map((folder) => join(folder, name)).filter((program) => existsSync(program))
}
