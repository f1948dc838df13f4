import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startPackyard } from '../test/support/packyard.ts'
import { until } from '../test/support/processes.ts'
import { freePort } from '../test/support/server-process.ts'
import type { Lifetime, Upstream } from '../test/support/upstream.ts'
import type { BareAnswer } from './bare-server.ts'
import { type Memory, memoryOf } from './resources.ts'
import type { Probe, Spoken } from './scenarios.ts'

export interface Endpoint {
  /** With a final slash. */
  readonly url: string
  /** What its clients send with every request. */
  readonly headers: Readonly<Record<string, string>>
}

/** A server that is measured. */
export interface Contestant {
  readonly name: string
  /** Where it speaks each format that it is measured in. */
  readonly endpoints: Readonly<Partial<Record<Spoken, Endpoint>>>
  readonly pid: number
  /** From the start of its process to the first answer. Unit: ms. */
  readonly readyAfterMs: number
  /** Some time after that, before anything was asked of it. */
  readonly idle: Memory | undefined
}

/** How long a started server is left alone before its memory counts as idle. Unit: ms. Ours. */
const settleMs = 1500

/** Longest wait for a server to answer at all. Unit: ms. Ours. */
const startTimeoutMs = 30_000

const program = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Where `npm run clients` puts Verdaccio. */
export const verdaccioProgram = program('../test/clients/node_modules/verdaccio/bin/verdaccio')

/** One token asks for all there is: its rate is counted, and must not end what is measured. */
export const unlimited = { PACKYARD_TOKEN_REQUESTS_PER_SECOND: '1000000' }

/** With authentication on, one process, and the fixture as its `public:npmjs` and `public:pypi`. */
export async function startProduct(lifetime: Lifetime, upstream: Upstream): Promise<Contestant> {
  const connection = { url: upstream.url, ttlSeconds: 86_400 }
  const connections = { 'public:npmjs': connection, 'public:pypi': connection }
  const yard = await startPackyard(lifetime, { connections, processes: 1, log: 'file', env: unlimited })
  await yard.restart()
  const idle = await idleMemory(yard.server.pid)
  const token = await yard.token()
  const basic = Buffer.from(`aws:${token}`).toString('base64')
  return {
    name: 'packyard',
    idle,
    endpoints: {
      npm: { url: await yard.endpoint('main'), headers: { authorization: `Bearer ${token}` } },
      pypi: { url: await yard.endpoint('main', 'pypi'), headers: { authorization: `Basic ${basic}` } },
    },
    pid: yard.server.pid,
    readyAfterMs: Math.round(yard.server.readyAfterMs),
  }
}

/** Open to everybody, which spares it the work of authentication; undefined when it is not installed. */
export async function startVerdaccio(
  lifetime: Lifetime,
  upstream: Upstream,
  file: string,
): Promise<Contestant | undefined> {
  if (!existsSync(file)) return undefined
  const folder = await temporaryFolder(lifetime)
  await writeFile(join(folder, 'config.yaml'), verdaccioConfiguration(folder, upstream.url))
  const url = `http://127.0.0.1:${await freePort()}/`
  const args = [file, '--config', join(folder, 'config.yaml'), '--listen', url.slice('http://'.length, -1)]
  const startedAt = performance.now()
  const child = startChild(lifetime, args, folder)
  await until('Verdaccio to answer', () => answers(`${url}-/ping`, child), startTimeoutMs)
  const readyAfterMs = Math.round(performance.now() - startedAt)
  const pid = child.pid ?? 0
  return { name: 'verdaccio', endpoints: { npm: { url, headers: {} } }, pid, readyAfterMs, idle: await idleMemory(pid) }
}

/** Sends the bytes that another contestant sent, from memory. Its paths are the names of the scenarios. */
export async function startBare(lifetime: Lifetime, probes: ReadonlyMap<string, Probe>): Promise<Contestant> {
  const folder = await temporaryFolder(lifetime)
  const list: BareAnswer[] = []
  for (const [name, { status, answerHeaders, body }] of probes) {
    await writeFile(join(folder, name), body)
    list.push({ path: `/${name}`, status, headers: withoutConnection(answerHeaders), file: name })
  }
  await writeFile(join(folder, 'answers.json'), JSON.stringify(list))
  const startedAt = performance.now()
  const child = startChild(lifetime, [program('./bare-server.ts'), folder], folder)
  if (!child.stdout) throw new Error('the bare server has an output')
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const { port } = JSON.parse(line) as { port: number }
  const readyAfterMs = Math.round(performance.now() - startedAt)
  const pid = child.pid ?? 0
  const endpoint = { url: `http://127.0.0.1:${port}/`, headers: {} }
  return { name: 'bare', endpoints: { npm: endpoint, pypi: endpoint }, pid, readyAfterMs, idle: await idleMemory(pid) }
}

async function idleMemory(pid: number): Promise<Memory | undefined> {
  await sleep(settleMs)
  return memoryOf(pid)
}

/** Node adds its own of these. */
function withoutConnection(headers: Readonly<Record<string, string>>): Record<string, string> {
  const own = new Set(['connection', 'keep-alive', 'date', 'transfer-encoding'])
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !own.has(name)))
}

function verdaccioConfiguration(folder: string, upstreamUrl: string): string {
  const everything = { access: '$all', publish: '$authenticated', proxy: 'fixture' }
  return JSON.stringify({
    storage: join(folder, 'storage'),
    auth: { htpasswd: { file: join(folder, 'htpasswd') } },
    uplinks: { fixture: { url: upstreamUrl, maxage: '24h', cache: true } },
    packages: { '@*/*': everything, '**': everything },
    web: { enable: false },
    log: { type: 'stdout', format: 'json', level: 'error' },
  })
}

async function answers(url: string, child: ChildProcess): Promise<true | undefined> {
  if (child.exitCode !== null) throw new Error(`${child.spawnargs.join(' ')} ended with ${child.exitCode}`)
  try {
    const response = await fetch(url)
    await response.arrayBuffer()
    return response.ok ? true : undefined
  } catch {
    return undefined
  }
}

function startChild(lifetime: Lifetime, args: readonly string[], folder: string): ChildProcess {
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, NODE_ENV: 'production', NODE_NO_WARNINGS: '1' }
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] })
  lifetime.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  return child
}

async function temporaryFolder(lifetime: Lifetime): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'packyard-bench-'))
  await mkdir(join(folder, 'storage'))
  lifetime.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}
