import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { skipWithoutClient } from '../support/clients.ts'
import { startPackyard } from '../support/packyard.ts'
import { skipWithout } from '../support/requirements.ts'
import { freePort } from '../support/server-process.ts'

/**
 * Tools and libraries of an ordinary web application, by their ranges. None of them brings a package for each platform:
 * some mirrors of the public registry lag behind with those, and then no lock file is complete.
 */
const application = [
  'express@^5',
  'react@^19',
  'react-dom@^19',
  'eslint@^9',
  'webpack@^5',
  'webpack-dev-server@^5',
  'jest@^29',
  'typescript@^5',
  '@babel/preset-env@^7',
]

/** How many packages that has to be at least. */
const packagesMin = 300

const registry = spawnSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).stdout?.trim() ?? ''
const skip =
  skipWithout('a public registry (npm config get registry)', await answers(registry)) || skipWithoutClient('npm 11')

test('an application of 300 packages and more is installed, and again without the registry', { skip }, async (t) => {
  const yard = await startPackyard(t, { connections: { 'public:npmjs': registry }, env: networkSettings() })
  const npm = await yard.client('npm 11')
  const first = await npm.run(`install --ignore-scripts --no-audit ${application.join(' ')}`)
  const lock = JSON.parse(await readFile(join(npm.project, 'package-lock.json'), 'utf8'))
  const packages = Object.entries<{ resolved?: string }>(lock.packages).filter(([path]) => path !== '')
  t.diagnostic(`${packages.length} packages in ${Math.round(first.durationMs)} ms`)
  assert.ok(packages.length >= packagesMin, `${packages.length} packages`)
  for (const [path, { resolved }] of packages) assert.ok(resolved?.startsWith(yard.url), `${path} is from ${resolved}`)

  await t.test('from an empty cache, with the registry out of reach', async (sub) => {
    await yard.stop()
    await yard.server.startWith(await cutOff())
    assert.match((await npm.attempt('view left-pad --fetch-retries=0')).output, /E50[234]/)
    await npm.forget()
    const again = await npm.run('ci --ignore-scripts --no-audit')
    sub.diagnostic(`again in ${Math.round(again.durationMs)} ms`)
    const installed = await npm.run('ls --all --parseable')
    assert.ok(installed.stdout.split('\n').length > packagesMin)
  })
})

/** How this machine reaches the world. */
function networkSettings(): Record<string, string> {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'NODE_EXTRA_CA_CERTS']
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])))
}

/** A proxy that is not there stands between the server and the world. */
async function cutOff(): Promise<Record<string, string>> {
  const proxy = `http://127.0.0.1:${await freePort()}`
  return { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY: '' }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(new URL('express', url), { method: 'HEAD', signal: AbortSignal.timeout(10_000) })
    return response.ok
  } catch {
    return false
  }
}
