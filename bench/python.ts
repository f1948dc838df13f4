import assert from 'node:assert/strict'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startPackyard } from '../test/support/packyard.ts'
import { jsonAccept, PypiWire } from '../test/support/pypi-wire.ts'
import { pips, PythonUser } from '../test/support/python-clients.ts'
import { makePython, type PythonFile } from '../test/support/python-package.ts'
import type { Lifetime } from '../test/support/upstream.ts'
import { type ClientScenario, clientFolder, type Errand, noise } from './client-rounds.ts'
import { hasNginx, startNginx, writeFiles } from './nginx.ts'

const wheelCount = 30

/** About what wheels without machine code have. Unit: bytes. */
const wheelNoiseBytes = 300_000

/** `pip download` with nothing kept from the last time. */
export const wheels: ClientScenario = {
  name: 'wheels',
  title: `pip download of ${wheelCount} wheels of ${wheelNoiseBytes / 1000} kB`,
  missing: () => (pips.length === 0 ? 'pip' : hasNginx ? undefined : 'nginx (nginx-light)'),
  prepare,
}

async function prepare(lifetime: Lifetime): Promise<readonly Errand[]> {
  const homes = await clientFolder(lifetime)
  const yard = await startPackyard(lifetime, { processes: 1 })
  const token = await yard.token()
  const wire = new PypiWire(await yard.endpoint('main', 'pypi'), token)
  const made = Array.from({ length: wheelCount }, (_, index) => makeWheel(index))
  for (const wheel of made) {
    const reply = await wire.upload(wheel)
    assert.equal(reply.status, 200, reply.text())
  }
  const folder = join(yard.folder, 'nginx')
  for (const { project } of made) await writeFiles(join(folder, 'files'), await copyOf(wire, project))
  const nginx = await startNginx(lifetime, folder)
  return [
    errand('packyard', yard.server.pid, await PythonUser.create(homes, wire.endpoint, token), made),
    errand('nginx', nginx.pid, await PythonUser.create(homes, nginx.url, 'none'), made),
  ]
}

function makeWheel(index: number): PythonFile {
  const name = `bench-wheel-${String(index).padStart(2, '0')}`
  return makePython({ name, version: '1.0', files: { 'noise.bin': noise(index, wheelNoiseBytes) } })
}

/** A project's page, its files and their metadata, by their paths below the endpoint, with the bytes that were sent. */
async function copyOf(wire: PypiWire, project: string): Promise<ReadonlyMap<string, Buffer>> {
  const page = await wire.get(`simple/${project}/`, jsonAccept)
  const files = new Map([[`simple/${project}/index.json`, page.bytes]])
  for (const { url } of page.json().files) {
    for (const address of [url, `${url}.metadata`]) {
      const path = new URL(address, `${wire.endpoint}simple/${project}/`).href.slice(wire.endpoint.length)
      const reply = await wire.get(path)
      assert.equal(reply.status, 200, path)
      files.set(path, reply.bytes)
    }
  }
  return files
}

/** nginx gets the same command, with a password that it does not look at. */
function errand(server: string, pid: number, user: PythonUser, made: readonly PythonFile[]): Errand {
  const options = ['--no-cache-dir', '--disable-pip-version-check', '--no-input', '--dest', 'files']
  const specs = made.map(({ project, version }) => `${project}==${version}`)
  const words = ['--isolated', 'download', ...options, '--index-url', user.indexUrl, ...specs]
  const folder = join(user.project, 'files')
  return {
    server,
    pid,
    run: async () => {
      await rm(folder, { recursive: true, force: true })
      await mkdir(folder)
      const { durationMs } = await user.run(pips[0], words)
      assert.deepEqual((await readdir(folder)).sort(), made.map(({ filename }) => filename).sort())
      return durationMs
    },
  }
}
