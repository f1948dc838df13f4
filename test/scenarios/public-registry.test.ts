import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { skipWithoutClient } from '../support/clients.ts'
import { startPackyard } from '../support/packyard.ts'
import { skipWithout } from '../support/requirements.ts'

/** Tools and libraries of an ordinary web application, by their ranges. */
const application = [
  'express@^5',
  'react@^19',
  'react-dom@^19',
  'eslint@^9',
  'webpack@^5',
  'webpack-dev-server@^5',
  'jest@^30',
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
    await yard.server.startWith({ PACKYARD_EXTERNAL_CONNECTIONS: await nobodyAnswers() })
    await npm.forget()
    const again = await npm.run('ci --ignore-scripts --no-audit')
    sub.diagnostic(`again in ${Math.round(again.durationMs)} ms`)
    const installed = await npm.run('ls --all --parseable')
    assert.ok(installed.stdout.split('\n').length > packagesMin)
  })
})

/** Settings with the connection pointing at an address where nobody listens. */
async function nobodyAnswers(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return JSON.stringify({ 'public:npmjs': { url: `http://127.0.0.1:${port}/` } })
}

/** How this machine reaches the world. */
function networkSettings(): Record<string, string> {
  const names = [
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'NO_PROXY',
    'http_proxy',
    'https_proxy',
    'no_proxy',
    'NODE_EXTRA_CA_CERTS',
  ]
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])))
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(new URL('express', url), { method: 'HEAD', signal: AbortSignal.timeout(10_000) })
    return response.ok
  } catch {
    return false
  }
}
