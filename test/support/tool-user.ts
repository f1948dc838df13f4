import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { cleanEnvironment } from './clients.ts'
import type { Packyard } from './packyard.ts'
import { type Run, run } from './processes.ts'
import { mainProgram } from './server-process.ts'

/** Longest that a tool may take, from nothing. Unit: ms. Ours. */
const timeoutMs = 400_000

/** Somebody with an empty home, who has to log tools in before they work. */
export class ToolUser {
  readonly home: string
  /** The folder that tools run in. */
  readonly project: string
  readonly #yard: Packyard
  readonly #env: Record<string, string>

  private constructor(yard: Packyard, folder: string, env: Readonly<Record<string, string>>) {
    this.home = join(folder, 'home')
    this.project = join(folder, 'project')
    this.#yard = yard
    this.#env = { ...cleanEnvironment(this.home), ...env }
  }

  static async create(yard: Packyard, env: (folder: string) => Record<string, string> = () => ({})): Promise<ToolUser> {
    const folder = await mkdtemp(join(yard.folder, 'user-'))
    const user = new ToolUser(yard, folder, env(folder))
    for (const each of [user.home, user.project]) await mkdir(each)
    return user
  }

  /** A PATH on which programs of a folder come first. */
  onPath(folder: string): Record<string, string> {
    return { PATH: `${folder}${delimiter}${this.#env['PATH']}` }
  }

  /** `packyard …`, in a shell that was told where the server is. */
  packyard(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Run> {
    const settings = { ...this.#yard.serverEnv, PACKYARD_PORT: new URL(this.#yard.url).port }
    const all = { ...settings, ...this.#yard.env, ...this.#env, ...env }
    return run(process.execPath, [mainProgram, ...words], { cwd: this.project, env: all, timeoutMs })
  }

  /** `packyard login --tool …`, which has to work and to show no token. */
  async logIn(tool: string, ...words: readonly string[]): Promise<void> {
    await this.logInWith({}, tool, ...words)
  }

  async logInWith(env: Readonly<Record<string, string>>, tool: string, ...words: readonly string[]): Promise<void> {
    const result = await this.packyard(['login', '--tool', tool, ...words], env)
    assert.equal(result.code, 0, result.output)
    assert.doesNotMatch(result.output, /eyJ/)
  }

  /** `packyard run -- …` */
  async runLoggedIn(words: readonly string[]): Promise<Run> {
    return succeeded(words, await this.packyard(['run', '--', ...words]))
  }

  /** A tool in another shell, which knows nothing of the server; it has to work. */
  async run(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Run> {
    return succeeded(words, await this.attempt(words, env))
  }

  attempt([file = '', ...words]: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Run> {
    return run(file, words, { cwd: this.project, env: { ...this.#env, ...env }, timeoutMs })
  }

  /** Files of the project. */
  async write(files: Readonly<Record<string, string | Buffer>>): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(this.project, path)), { recursive: true })
      await writeFile(join(this.project, path), content)
    }
  }

  /** Everything that tools would read, as one text. */
  async settings(): Promise<string> {
    const entries = await readdir(this.home, { recursive: true, withFileTypes: true })
    const names =
      /^(\.npmrc|pip\.conf|uv\.toml|\.pypirc|settings\.xml|packyard\.gradle|NuGet\.Config|credentials|\.gemrc|config(\.toml)?|keyring|command)$/
    const files = entries.filter((entry) => entry.isFile() && names.test(entry.name))
    const texts = await Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')))
    return texts.join('\n')
  }
}

function succeeded(words: readonly string[], result: Run): Run {
  if (result.code === 0) return result
  throw new Error(`${words.join(' ')} ended with ${result.code ?? 'a signal'}:\n${result.output}`)
}
