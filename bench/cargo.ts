import assert from 'node:assert/strict'
import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { CargoClient, skipWithoutCargo } from '../test/support/cargo.ts'
import { type Crate, makeCrate, publishBody } from '../test/support/cargo-crate.ts'
import { startPackyard } from '../test/support/packyard.ts'
import type { Lifetime } from '../test/support/upstream.ts'
import { type ClientScenario, clientFolder, type Errand, noise } from './client-rounds.ts'
import { copyFiles, hasNginx, startNginx, writeFiles } from './nginx.ts'

const crateCount = 100

/** About the middle of what crates have. Unit: bytes. */
const crateNoiseBytes = 30_000

/** `cargo fetch` with an empty home and no lock file. */
export const cargo: ClientScenario = {
  name: 'crates',
  title: `cargo fetch of ${crateCount} crates of ${crateNoiseBytes / 1000} kB`,
  missing: () => (skipWithoutCargo() ? 'cargo' : hasNginx ? undefined : 'nginx (nginx-light)'),
  prepare,
}

async function prepare(lifetime: Lifetime): Promise<readonly Errand[]> {
  const homes = await clientFolder(lifetime)
  const yard = await startPackyard(lifetime, { processes: 1 })
  const repository = await yard.createRepository('bench', [])
  const endpoint = await yard.endpoint(repository, 'cargo')
  const token = await yard.token()
  const crates = Array.from({ length: crateCount }, (_, index) => newCrate(index))
  for (const { metadata, bytes } of crates) {
    const init = { method: 'PUT', headers: { authorization: token }, body: publishBody(metadata, bytes) }
    const reply = await fetch(`${endpoint}api/v1/crates/new`, init)
    assert.equal(reply.status, 200, await reply.text())
  }
  const folder = join(yard.folder, 'nginx')
  await copyFiles(join(folder, 'files'), { endpoint, authorization: token }, crates.flatMap(pathsOf))
  const nginx = await startNginx(lifetime, folder)
  const config = JSON.stringify({ dl: `${nginx.url}api/v1/crates`, api: nginx.url })
  await writeFiles(join(folder, 'files'), new Map([['config.json', config]]))
  return [
    await errand('packyard', yard.server.pid, homes, { endpoint, token }),
    await errand('nginx', nginx.pid, homes, { endpoint: nginx.url, token: 'none' }),
  ]
}

const nameOf = (index: number) => `bench_crate_${String(index).padStart(3, '0')}`

function newCrate(index: number): Crate {
  const name = nameOf(index)
  const files = [{ path: `${name}-1.0.0/noise.bin`, content: noise(index, crateNoiseBytes) }]
  return makeCrate({ name, version: '1.0.0', files })
}

function pathsOf(_: Crate, index: number): string[] {
  const name = nameOf(index)
  return [`${name.slice(0, 2)}/${name.slice(2, 4)}/${name}`, `api/v1/crates/${name}/1.0.0/download`]
}

async function errand(server: string, pid: number, parent: string, place: { endpoint: string; token: string }) {
  const client = await CargoClient.create(parent, { ...place, login: 'token as it is' })
  const dependencies = Array.from({ length: crateCount }, (_, index) => ({ name: nameOf(index), req: '1' }))
  await client.newCrate({ name: 'application', version: '0.0.0', dependencies }, client.project)
  const run = async () => {
    await client.forget()
    await client.unlock()
    const { durationMs } = await client.run('fetch')
    const fetched = await Array.fromAsync(glob(join(client.home, 'registry/cache/*/*.crate')))
    assert.equal(fetched.length, crateCount, 'every crate has come')
    return durationMs
  }
  return { server, pid, run }
}
