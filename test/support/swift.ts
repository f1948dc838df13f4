import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Run, run } from './processes.ts'
import { skipWithout } from './requirements.ts'
import { libraryManifest } from './swift-package.ts'

const program = join(import.meta.dirname, '../../scripts/swift.sh')

/** For the `skip` option of a test that runs Swift, which stands in a Debian of its own. */
export function skipWithoutSwift(): string | false {
  const { status } = spawnSync(program, ['run', 'true'], { env: environment('/tmp') })
  return skipWithout('Swift (scripts/swift.sh make, as root on Debian)', status === 0)
}

/** Longest that one command may take: it compiles. Unit: ms. Ours. */
const timeoutMs = 240_000

/** Swift with a home, a cache and a project of its own. */
export class SwiftClient {
  readonly folder: string
  readonly home: string
  /** The folder that `run` works in: an executable without dependencies at first. */
  readonly project: string
  readonly #env: Record<string, string>

  private constructor(folder: string, ca: string | undefined) {
    this.folder = folder
    this.home = join(folder, 'home')
    this.project = join(folder, 'application')
    this.#env = { ...environment(this.home), ...(ca !== undefined && { DEBIAN_ROOT_CA: ca }) }
  }

  /** Made in `folder`, which the caller removes. `ca`: a file of certificates, the only ones that it trusts then. */
  static async create(folder: string, { ca }: { readonly ca?: string } = {}): Promise<SwiftClient> {
    const client = new SwiftClient(await mkdtemp(join(folder, 'swift-')), ca)
    await mkdir(client.home)
    await client.depend([])
    return client
  }

  /** Writes the application anew: what it depends on, as `id@requirement`, and that it prints each one's `version`. */
  async depend(dependencies: readonly string[]): Promise<void> {
    const wanted = dependencies.map((text) => text.split('@') as [string, string])
    const names = wanted.map(([id]) => id.slice(id.indexOf('.') + 1))
    const manifest = `// swift-tools-version:5.7
import PackageDescription
let package = Package(
  name: "application",
  dependencies: [${wanted.map(([id, requirement]) => `.package(id: "${id}", ${requirement})`).join(', ')}],
  targets: [.executableTarget(name: "application", dependencies: [
    ${wanted.map(([id], at) => `.product(name: "${names[at]}", package: "${id}")`).join(', ')}
  ])]
)
`
    const lines = names.flatMap((name) => [`import ${name}`, `print("${name} \\(${name}.version)")`])
    await writeFiles(this.project, {
      'Package.swift': manifest,
      'Sources/application/main.swift': `${lines.join('\n')}\n`,
    })
  }

  /** Writes the sources of a library, as a person would have them. */
  async newLibrary(
    name: string,
    version: string,
    {
      files = {},
      dependencies = [],
    }: { files?: Readonly<Record<string, string>>; dependencies?: readonly string[] } = {},
  ): Promise<string> {
    const folder = join(this.folder, `${name}-${version}`)
    await writeFiles(folder, {
      'Package.swift': `// swift-tools-version:5.7\nimport PackageDescription\n${libraryManifest(name, dependencies)}`,
      [`Sources/${name}/${name}.swift`]: `public let version = "${version}"\n`,
      ...files,
    })
    return folder
  }

  /** A command that has to succeed, its words separated by spaces. */
  async run(command: string, cwd = this.project): Promise<Run> {
    const result = await this.attempt(command, cwd)
    assert.equal(result.code, 0, `swift ${command}:\n${result.output}`)
    return result
  }

  /** A command that may fail, and may be given twice: where it breaks down instead of saying something, it is. */
  async attempt(command: string, cwd = this.project): Promise<Run> {
    for (let times = 1; ; times++) {
      const result = await this.once(command, cwd)
      if (!isBreakdown(result) || times === BREAKDOWNS_MAX) return result
    }
  }

  /** A command that may break down when it is done; what it has done is what counts. */
  once(command: string, cwd = this.project): Promise<Run> {
    return run(program, ['run', 'swift', ...command.split(' ')], { cwd, env: this.#env, timeoutMs })
  }

  /** A folder with a program that is this Swift, for tools that look for one. */
  async program(): Promise<string> {
    const folder = join(this.folder, 'bin')
    await mkdir(folder, { recursive: true })
    const { DEBIAN_ROOT_CA = '', PACKYARD_SWIFT_ROOT = '' } = this.#env
    const variables = `DEBIAN_ROOT_CA='${DEBIAN_ROOT_CA}' PACKYARD_SWIFT_ROOT='${PACKYARD_SWIFT_ROOT}'`
    await writeFile(join(folder, 'swift'), `#!/bin/sh\n${variables} exec '${program}' run swift "$@"\n`, {
      mode: 0o755,
    })
    return folder
  }

  /** Versions that the project's lock file holds, by package. */
  async locked(): Promise<Record<string, string>> {
    const text = await readFile(join(this.project, 'Package.resolved'), 'utf8')
    const { pins } = JSON.parse(text) as { pins: { identity: string; state: { version: string } }[] }
    return Object.fromEntries(pins.map(({ identity, state }) => [identity, state.version]))
  }

  /** Clears every cache, and what is built; keeps settings, sources and the lock file. */
  async forget(): Promise<void> {
    const places = [join(this.project, '.build'), join(this.home, '.cache'), join(this.home, '.swiftpm/cache')]
    for (const place of places) await rm(place, { recursive: true, force: true })
  }
}

/** How often a command may break down. Ours; on a busy machine it is one in three. */
const BREAKDOWNS_MAX = 10

/** SwiftPM 6 on Linux often ends so when it lets go of its connections, before it has printed anything. */
function isBreakdown({ code, output }: Run): boolean {
  return code !== 0 && output.includes('_MultiHandle deallocated') && !/^error: /m.test(output)
}

function environment(home: string): Record<string, string> {
  return {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: home,
    PACKYARD_SWIFT_ROOT: process.env.PACKYARD_SWIFT_ROOT ?? '',
  }
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
}
