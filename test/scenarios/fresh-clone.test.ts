import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { run, runWell } from '../support/processes.ts'
import { skipWithout } from '../support/requirements.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** As from a shell outside the project: our own Node is not on the PATH. */
const environment = Object.fromEntries(
  Object.entries({ ...process.env, npm_config_prefer_offline: 'true' }).flatMap(([name, value]) => {
    if (value === undefined || /^npm_(?!config_)/.test(name)) return []
    return [[name, name === 'PATH' ? value.replaceAll(join(root, 'node_modules/.bin'), '') : value]]
  }),
)

const skip = skipWithout(
  'a public registry (npm view semver)',
  spawnSync('npm', ['view', 'semver', 'version'], { timeout: 30_000 }).status === 0,
)

test('two first commands at once install once, and everything runs on Node 26 from then on', { skip }, async (t) => {
  const cwd = await clone(t)
  // What a killed installer leaves behind; no process has this number.
  await writeFile(join(cwd, '.bootstrap-lock'), '4194305')
  const options = { cwd, env: environment, timeoutMs: 300_000 }
  const both = await Promise.all([
    runWell('npm', ['run', '--silent', 'bootstrap'], options),
    runWell('npm', ['run', '--silent', 'bootstrap'], options),
  ])
  assert.deepEqual(
    both.map(({ stdout }) => stdout),
    ['', ''],
    'standard output belongs to the command',
  )
  const installations = both.filter(({ stderr }) => stderr.includes('installing dependencies'))
  assert.equal(installations.length, 1)

  const inside = await runWell('npm', ['exec', '--no', '--', 'node', '--version'], options)
  assert.match(inside.stdout, /^v26\./)
  const again = await runWell('npm', ['run', '--silent', 'bootstrap'], options)
  assert.doesNotMatch(again.output, /installing/)
})

test('a lock file that cannot be installed stops the first command, which says so', { skip }, async (t) => {
  const cwd = await clone(t)
  const manifest = JSON.parse(await readFile(join(cwd, 'package.json'), 'utf8')) as { dependencies: object }
  const dependencies = { ...manifest.dependencies, semver: '1.0.0' }
  await writeFile(join(cwd, 'package.json'), JSON.stringify({ ...manifest, dependencies }))
  const result = await run('npm', ['run', '--silent', 'bootstrap'], { cwd, env: environment })
  assert.equal(result.code, 1)
  assert.match(result.stderr, /packyard: npm ci failed/)
})

/** What the bootstrap needs of a clone. */
async function clone(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'packyard-clone-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  for (const name of ['package.json', 'package-lock.json', '.npmrc', 'scripts', 'console/package.json']) {
    await cp(join(root, name), join(folder, name), { recursive: true })
  }
  return folder
}
