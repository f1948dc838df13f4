import assert from 'node:assert/strict'
import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Packyard, startPackyard } from '../support/packyard.ts'
import {
  debianWheels,
  pips,
  PythonUser,
  skipWithoutBuild,
  skipWithoutPdm,
  skipWithoutPip,
  skipWithoutPoetry,
  skipWithoutTwine,
  skipWithoutWheels,
} from '../support/python-clients.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'

interface Stage {
  readonly yard: Packyard
  readonly upstream: Upstream
  /** Somebody new, with nothing kept from anybody. */
  newUser(): Promise<PythonUser>
}

/** Both of them real, and in a folder of theirs. */
const realProjects = ['wheel', 'setuptools']

for (const scheme of ['HTTP', 'HTTPS'] as const) {
  test(`what a Python tool publishes over ${scheme} is installed, again while the public index is gone`, async (t) => {
    const stage = await begin(t, scheme)
    const skipOthers = skipWithoutWheels || skipWithoutBuild
    await t.test('twine and pip', { skip: skipOthers || skipWithoutPip || skipWithoutTwine }, () => byPip(stage))
    await t.test('Poetry', { skip: skipOthers || skipWithoutPoetry }, () => byPoetry(stage))
    await t.test('PDM', { skip: skipOthers || skipWithoutPdm }, () => byPdm(stage, scheme))
  })
}

async function begin(t: TestContext, scheme: 'HTTP' | 'HTTPS'): Promise<Stage> {
  const upstream = await startUpstream(t)
  if (skipWithoutWheels === false) upstream.pypi.addFolder(debianWheels)
  const connections = { 'public:pypi': upstream.url }
  const isSafe = scheme === 'HTTPS'
  const yard = await startPackyard(t, { connections, processes: 1, ...(isSafe && { env: { PACKYARD_TLS: 'auto' } }) })
  const endpoint = await yard.endpoint('main', 'pypi')
  assert.equal(new URL(endpoint).protocol, isSafe ? 'https:' : 'http:')
  const ca = isSafe ? join(yard.dataDir, 'ca.pem') : undefined
  const token = await yard.token()
  return { yard, upstream, newUser: () => PythonUser.create(yard.folder, endpoint, token, ca) }
}

async function byPip({ yard, upstream, newUser }: Stage): Promise<void> {
  const user = await newUser()
  await user.writeProject('by-twine', '1.0', ['dependencies = ["wheel", "setuptools>=60"]'])
  await user.build()
  await user.twine(...(await built(user)))
  assert.deepEqual(await yard.versions('main', 'by-twine', 'pypi'), ['1.0 Published INTERNAL'])
  await withoutUpstream(upstream, async () => {
    const other = await newUser()
    await other.install(pips[0], 'by-twine')
    assert.equal(await other.installed('by_twine'), '1.0')
    for (const project of realProjects) await access(join(other.project, 'installed', project, '__init__.py'))
  })
}

async function byPoetry({ yard, upstream, newUser }: Stage): Promise<void> {
  const user = await newUser()
  await user.write({
    'by_poetry/__init__.py': "VERSION = '0.1.0'\n",
    'pyproject.toml': poetryProject('by-poetry', 'wheel = "*"'),
  })
  await user.poetry('publish', '--build', '--repository', 'yard')
  await user.poetry('publish', '--repository', 'yard')
  assert.deepEqual(await yard.versions('main', 'by-poetry', 'pypi'), ['0.1.0 Published INTERNAL'])

  await withoutUpstream(upstream, async () => {
    const other = await newUser()
    const source = `[[tool.poetry.source]]\nname = "yard"\nurl = "${other.endpoint}simple/"\ndefault = true`
    const pyproject = poetryProject('consumer', 'by-poetry = "*"', source)
    await other.write({ 'consumer/__init__.py': '', 'pyproject.toml': pyproject })
    await other.poetry('install', '--no-root')
    const lock = await other.read('poetry.lock')
    assert.match(lock, /name = "by-poetry"\nversion = "0\.1\.0"/)
    assert.ok(lock.includes(`url = "${other.endpoint}simple"`), 'the lock names this index')
    assert.ok((await sitePackages(other)).includes('by_poetry'))
  })
}

async function byPdm({ yard, upstream, newUser }: Stage, scheme: 'HTTP' | 'HTTPS'): Promise<void> {
  const user = await newUser()
  const trust = scheme === 'HTTPS' ? ['--ca-certs', join(yard.dataDir, 'ca.pem')] : []
  await user.writeProject('by-pdm', '0.1.0', ['dependencies = ["wheel"]'])
  await user.build()
  await user.pdm('publish', '--no-build', '--repository', user.endpoint, ...trust)
  assert.deepEqual(await yard.versions('main', 'by-pdm', 'pypi'), ['0.1.0 Published INTERNAL'])

  await withoutUpstream(upstream, async () => {
    const other = await newUser()
    await other.write({ 'pyproject.toml': pdmProject(other.endpoint) })
    if (scheme === 'HTTPS') await other.pdm('config', 'pypi.ca_certs', join(yard.dataDir, 'ca.pem'))
    await other.pdm('install', '--no-self')
    const lock = await other.read('pdm.lock')
    assert.match(lock, /name = "by-pdm"\nversion = "0\.1\.0"/)
    assert.doesNotMatch(lock, /aws:/, 'no token stands in the lock')
    assert.ok((await sitePackages(other)).includes('by_pdm'))
  })
}

/** First as on a day like any other; then from nothing, and without the public index. */
async function withoutUpstream(upstream: Upstream, install: () => Promise<void>): Promise<void> {
  await install()
  await upstream.stop()
  await install()
  await upstream.restart()
}

async function built(user: PythonUser): Promise<string[]> {
  return (await readdir(join(user.project, 'dist'))).map((file) => `dist/${file}`)
}

/** What stands in the virtual environment of the project. */
async function sitePackages(user: PythonUser): Promise<string[]> {
  const lib = join(user.project, '.venv', 'lib')
  const [python = ''] = await readdir(lib)
  return readdir(join(lib, python, 'site-packages'))
}

function poetryProject(name: string, dependency: string, source = ''): string {
  return [
    '[tool.poetry]',
    `name = "${name}"`,
    'version = "0.1.0"',
    'description = ""',
    'authors = ["A <a@acme.example>"]',
    '[tool.poetry.dependencies]',
    'python = "^3.8"',
    dependency,
    source,
    '[build-system]',
    'requires = ["poetry-core"]',
    'build-backend = "poetry.core.masonry.api"',
    '',
  ].join('\n')
}

function pdmProject(endpoint: string): string {
  return [
    '[project]',
    'name = "consumer"',
    'version = "1.0"',
    'requires-python = ">=3.8"',
    'dependencies = ["by-pdm"]',
    '[[tool.pdm.source]]',
    'name = "pypi"',
    `url = "${endpoint.replace('://', '://aws:${CODEARTIFACT_AUTH_TOKEN}@')}simple/"`,
    'verify_ssl = true',
    '',
  ].join('\n')
}
