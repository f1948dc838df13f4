import assert from 'node:assert/strict'
import { cp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DotnetClient, skipWithoutDotnet } from '../test/support/dotnet.ts'
import { makeNuget } from '../test/support/nuget-package.ts'
import { NugetWire } from '../test/support/nuget-wire.ts'
import { startPackyard } from '../test/support/packyard.ts'
import type { Lifetime } from '../test/support/upstream.ts'
import { type ClientScenario, clientFolder, type Errand, noise } from './client-rounds.ts'
import { copyFiles, hasNginx, startNginx, writeFiles } from './nginx.ts'

const packageCount = 50

/** About the middle of what packages have. Unit: bytes. */
const packageNoiseBytes = 100_000

/** `dotnet restore` with every cache empty. */
export const nuget: ClientScenario = {
  name: 'nupkgs',
  title: `dotnet restore of ${packageCount} packages of ${packageNoiseBytes / 1000} kB`,
  missing: () => (skipWithoutDotnet() ? 'the .NET SDK' : hasNginx ? undefined : 'nginx (nginx-light)'),
  prepare,
}

const ids = Array.from({ length: packageCount }, (_, index) => `Bench.Package${String(index).padStart(3, '0')}`)

async function prepare(lifetime: Lifetime): Promise<readonly Errand[]> {
  const homes = await clientFolder(lifetime)
  const yard = await startPackyard(lifetime, { processes: 1 })
  const repository = await yard.createRepository('bench', [])
  const endpoint = await yard.endpoint(repository, 'nuget')
  const token = await yard.token()
  const wire = new NugetWire(endpoint, token)
  for (const [index, id] of ids.entries()) {
    const files = [{ path: 'content/noise.bin', content: noise(index, packageNoiseBytes) }]
    const reply = await wire.push(makeNuget({ id, version: '1.0.0', files }).bytes)
    assert.equal(reply.status, 201, reply.reason)
  }
  const folder = join(yard.folder, 'copied')
  const authorization = `Bearer ${token}`
  await copyFiles(join(folder, 'files'), { endpoint, authorization }, ids.flatMap(pathsOf))
  const index = (await wire.get('v3/index.json')).text()
  const copy = async (server: string, password?: string) => {
    const own = join(yard.folder, server)
    await cp(folder, own, { recursive: true })
    const nginx = await startNginx(lifetime, own, password)
    await writeFiles(join(own, 'files'), new Map([['v3/index.json', index.replaceAll(endpoint, nginx.url)]]))
    const user = { endpoint: nginx.url, token: password ?? 'none' }
    return errand(server, nginx.pid, await DotnetClient.create(homes, user))
  }
  return [
    await errand('packyard', yard.server.pid, await DotnetClient.create(homes, { endpoint, token })),
    // The client shows its password only to who has refused it, each time anew: this tells what that costs it.
    await copy('nginx-with-password', 'a-password-of-some-length'),
    await copy('nginx'),
  ]
}

function pathsOf(id: string): string[] {
  const folder = `v3/flatcontainer/${id.toLowerCase()}`
  return [`${folder}/index.json`, `${folder}/1.0.0/${id.toLowerCase()}.1.0.0.nupkg`]
}

async function errand(server: string, pid: number, client: DotnetClient): Promise<Errand> {
  await client.newProject(
    'application',
    '0.0.0',
    ids.map((id) => `${id}@1.0.0`),
  )
  const run = async () => {
    await client.forget()
    const { durationMs } = await client.run('restore')
    const restored = (await readdir(client.packages)).filter((id) => id.startsWith('bench.'))
    assert.equal(restored.length, packageCount, 'every package has come')
    return durationMs
  }
  return { server, pid, run }
}
