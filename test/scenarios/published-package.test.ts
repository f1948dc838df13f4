import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { runWell, until } from '../support/processes.ts'
import { skipWithout } from '../support/requirements.ts'
import { freePort } from '../support/server-process.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** This machine's own settings: its registry, its proxy. */
const environment = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) => (value ? [[name, value]] : [])),
)

const skip = skipWithout(
  'a public registry (npm view semver)',
  spawnSync('npm', ['view', 'semver', 'version'], { timeout: 30_000 }).status === 0,
)

test('the published package installs into an empty folder, and serves on whatever Node is there', {
  skip,
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'packyard-published-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const tarball = await pack(folder)
  const command = await install(folder, tarball)

  for (const { name, path } of nodes()) {
    await t.test(`on ${name}`, async (sub) => {
      const env = { ...environment, PATH: path }
      const help = await runWell(command, ['--help'], { cwd: folder, env })
      assert.match(help.stdout, /\bserve\b/)
      await serve(sub, command, env, join(folder, name.replaceAll(' ', '-')))
    })
  }
})

/** Builds and packs. The tarball holds no TypeScript and no test, but the licence and the page to start from. */
async function pack(folder: string): Promise<string> {
  const options = { cwd: root, env: environment }
  const dist = join(folder, 'dist')
  await runWell(process.execPath, [join(root, 'scripts/build.ts'), dist], options)
  const { stdout } = await runWell('npm', ['pack', dist, '--json', '--pack-destination', folder], options)
  const [packed] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[]
  assert.ok(packed)
  const paths = packed.files.map(({ path }) => path)
  for (const path of ['package.json', 'LICENSE', 'README.md', 'packyard.mjs', 'src/main.js'])
    assert.ok(paths.includes(path), path)
  assert.deepEqual(
    paths.filter((path) => /\.ts$|\.test\.|\.fixture\.|conformance/.test(path)),
    [],
  )
  return join(folder, packed.filename)
}

/** As `npm install` does it for anybody; then the versions are those of our own lock file. Returns the command. */
async function install(folder: string, tarball: string): Promise<string> {
  const project = join(folder, 'project')
  await mkdir(project)
  await writeFile(join(project, 'package.json'), '{"name":"somebody","version":"1.0.0","private":true}')
  const words = ['install', tarball, '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  await runWell('npm', words, { cwd: project, env: environment })
  const modules = join(project, 'node_modules')
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'))
  const nested = join(modules, 'packyard/node_modules/kysely/package.json')
  const kysely = existsSync(nested) ? nested : join(modules, 'kysely/package.json')
  const { version } = JSON.parse(await readFile(kysely, 'utf8'))
  assert.equal(version, lock.packages['node_modules/kysely'].version)
  return join(modules, '.bin/packyard')
}

/** The Node that we run on, and an older one when the machine has it. */
function nodes(): { name: string; path: string }[] {
  const all = (environment.PATH ?? '').split(delimiter)
  const here = { name: `Node ${process.versions.node}`, path: [dirname(process.execPath), ...all].join(delimiter) }
  const others = all.flatMap((folder) => {
    const version = spawnSync(join(folder, 'node'), ['--version'], { encoding: 'utf8' }).stdout ?? ''
    const major = Number(/^v(\d+)/.exec(version)?.[1] ?? Number.NaN)
    return major >= 18 && major < 26
      ? [{ name: `Node ${version.trim().slice(1)}`, path: [folder, ...all].join(delimiter) }]
      : []
  })
  return [here, ...others.slice(0, 1)]
}

async function serve(t: TestContext, command: string, env: Record<string, string>, cwd: string): Promise<void> {
  await mkdir(cwd)
  const port = await freePort()
  const server = spawn(command, ['serve'], {
    cwd,
    env: { ...env, PACKYARD_PORT: String(port), PACKYARD_DATA_DIR: join(cwd, 'data') },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => server.kill('SIGKILL'))
  server.stdout.resume()
  await until('the server to be ready', async () => {
    assert.equal(server.exitCode, null, 'the server ended before it was ready')
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
    await answer?.arrayBuffer()
    return answer?.ok || undefined
  })
  assert.ok(existsSync(join(cwd, 'data/credentials')))
  const ended = once(server, 'exit')
  server.kill('SIGTERM')
  assert.deepEqual(await ended, [0, null])
}
