import assert from 'node:assert/strict'
import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { buildGem } from '../test/support/gem-file.ts'
import { startPackyard } from '../test/support/packyard.ts'
import { RubyClient, skipWithoutRuby } from '../test/support/ruby-clients.ts'
import type { Lifetime } from '../test/support/upstream.ts'
import { type ClientScenario, clientFolder, type Errand, noise } from './client-rounds.ts'
import { copyFiles, hasNginx, startNginx } from './nginx.ts'

const gemCount = 50

/** About the middle of what gems have. Unit: bytes. */
const gemNoiseBytes = 50_000

/** `bundle install` with nothing installed, no cache and no lock file. */
export const ruby: ClientScenario = {
  name: 'gems',
  title: `bundle install of ${gemCount} gems of ${gemNoiseBytes / 1000} kB`,
  missing: () => (skipWithoutRuby() ? 'gem and bundle' : hasNginx ? undefined : 'nginx (nginx-light)'),
  prepare,
}

const names = Array.from({ length: gemCount }, (_, index) => `bench-gem-${String(index).padStart(3, '0')}`)

async function prepare(lifetime: Lifetime): Promise<readonly Errand[]> {
  const homes = await clientFolder(lifetime)
  const yard = await startPackyard(lifetime, { processes: 1 })
  const repository = await yard.createRepository('bench', [])
  const endpoint = await yard.endpoint(repository, 'ruby')
  const authorization = `Bearer ${await yard.token()}`
  for (const [index, name] of names.entries()) {
    const files = [{ path: `lib/${name}.bin`, content: noise(index, gemNoiseBytes) }]
    const { bytes } = buildGem({ name, version: '1.0', files })
    const reply = await fetch(`${endpoint}api/v1/gems`, { method: 'POST', headers: { authorization }, body: bytes })
    assert.equal(reply.status, 200, await reply.text())
  }
  const folder = join(yard.folder, 'nginx')
  const paths = names.flatMap((name) => [`info/${name}`, `gems/${name}-1.0.gem`])
  await copyFiles(join(folder, 'files'), { endpoint, authorization }, ['versions', ...paths])
  const nginx = await startNginx(lifetime, folder)
  return [
    await errand('packyard', yard.server.pid, await RubyClient.create(homes, endpoint, await yard.token())),
    await errand('nginx', nginx.pid, await RubyClient.create(homes, nginx.url, 'none')),
  ]
}

async function errand(server: string, pid: number, client: RubyClient): Promise<Errand> {
  await client.gemfile(...names.map((name) => `'${name}'`))
  const run = async () => {
    await client.forget()
    await client.unlock()
    const { durationMs } = await client.bundle('install')
    const installed = await Array.fromAsync(glob(join(client.folder, 'bundle/**/specifications/*.gemspec')))
    assert.equal(installed.length, gemCount, 'every gem has come')
    return durationMs
  }
  return { server, pid, run }
}
