import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { accessSync, constants, existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** An object store that the system's packages bring. */
export interface S3Engine {
  readonly name: string
  /** Programs without which it cannot start. */
  readonly parts: readonly string[]
  /** What brings them. */
  readonly packages: string
  /** How many it listens on; the first one speaks S3. */
  readonly ports: number
  readonly accessKeyId: string
  /** Answers below 500 once it is ready. */
  readonly readyPath: string
  /** Makes its files in a folder; the commands that run until the store is ended, in the order of their start. */
  prepare(layout: S3Layout): readonly (readonly string[])[]
}

export interface S3Layout {
  readonly folder: string
  readonly ports: readonly number[]
  readonly secretAccessKey: string
}

export interface S3Server {
  readonly endpoint: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

export class S3MissingError extends Error {
  constructor({ name, packages }: S3Engine) {
    super(`the object store ${name} is not here: apt-get install --no-install-recommends ${packages}`)
    this.name = 'S3MissingError'
  }
}

const READY_WITHIN_MS = 120_000

/**
 * Starts one on free ports with an empty folder; it ends, and its folder goes, with the process that started it, however
 * that ends. Throws `S3MissingError` when it is not installed.
 */
export async function startS3Server(engine: S3Engine): Promise<S3Server> {
  if (!engine.parts.every(isInstalled)) throw new S3MissingError(engine)
  const folder = mkdtempSync(path.join(tmpdir(), 'packyard-s3-'))
  const secretAccessKey = randomBytes(12).toString('hex')
  const ports = await freePorts(engine.ports)
  const keeper = launch(folder, engine.prepare({ folder, ports, secretAccessKey }))
  const endpoint = `http://127.0.0.1:${ports[0]}`
  try {
    await untilReady(endpoint + engine.readyPath, folder, keeper)
  } catch (error) {
    await stop(keeper)
    throw error
  }
  const { accessKeyId } = engine
  return { endpoint, region: 'us-east-1', accessKeyId, secretAccessKey, stop: async () => stop(keeper) }
}

function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** A shell keeps the servers: it ends all of them when its input does, which is when our process is gone. */
const KEEPER = `
  folder=$1; shift
  pids=
  for script in "$@"; do
    sh -c "$script" >>"$folder/$(echo $pids | wc -w).log" 2>&1 </dev/null &
    pids="$! $pids"
  done
  read -r line
  kill -TERM $pids 2>/dev/null
  ( sleep 8; kill -KILL $pids 2>/dev/null ) &
  last=$!
  wait $pids
  kill $last 2>/dev/null
  rm -rf "$folder"`

function launch(folder: string, commands: readonly (readonly string[])[]): ChildProcess {
  const scripts = commands.map((command) => `exec ${command.map(quote).join(' ')}`)
  const keeper = spawn('sh', ['-c', KEEPER, 'keeper', folder, ...scripts], {
    env: { PATH: process.env['PATH'], LC_ALL: 'C', PYTHONDONTWRITEBYTECODE: '1' },
    cwd: folder,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  // Neither the shell nor the pipe to it keeps a test process from ending.
  keeper.unref()
  if (keeper.stdin instanceof Socket) keeper.stdin.unref()
  return keeper
}

function quote(argument: string): string {
  return `'${argument.replaceAll("'", `'\\''`)}'`
}

async function untilReady(url: string, folder: string, keeper: ChildProcess): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS
  while (performance.now() < deadline && keeper.exitCode === null) {
    const status = await fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
      (response) => response.status,
      () => 599,
    )
    if (status < 500) return
    await sleep(100)
  }
  throw new Error(`the object store is not ready:\n${lastLines(folder)}`)
}

function lastLines(folder: string): string {
  if (!existsSync(folder)) return 'it left no log'
  const logs = readdirSync(folder).filter((name) => name.endsWith('.log'))
  return logs.map((name) => readFileSync(path.join(folder, name), 'utf8').split('\n').slice(-8).join('\n')).join('\n')
}

async function stop(keeper: ChildProcess): Promise<void> {
  if (keeper.exitCode !== null) return
  keeper.ref()
  keeper.stdin?.end()
  await once(keeper, 'exit')
}

/** All held at once, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = []
  for (let index = 0; index < count; index++) {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    servers.push(server)
  }
  const ports = servers.map((server) => {
    const address = server.address()
    return address !== null && typeof address === 'object' ? address.port : 0
  })
  for (const server of servers) await new Promise((resolve) => server.close(resolve))
  return ports
}
