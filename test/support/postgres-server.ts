import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { createServer, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

import { findPostgres, type PostgresBinaries } from './postgres-binaries.ts'

/** Set by the test runner to the address of one server for the whole run. */
export const SERVER_URL_VARIABLE = 'PACKYARD_TEST_DATABASE_URL'

const READY_WITHIN_MS = 20_000

export interface PostgresServer {
  /** Of a superuser, who may make databases. */
  readonly url: string
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

/** PostgreSQL refuses to run as root. */
interface User {
  readonly uid?: number
  readonly gid?: number
}

interface Layout {
  readonly folder: string
  readonly data: string
  readonly log: string
  readonly bin: string
  readonly user: User
  readonly env: NodeJS.ProcessEnv
}

/**
 * Starts a server on a free port with a fresh data folder; it ends, and its folder goes, with the process that started
 * it, however that ends. Throws `PostgresMissingError` when there is none to start.
 */
export async function startPostgresServer(env: NodeJS.ProcessEnv = process.env): Promise<PostgresServer> {
  const layout = prepare(findPostgres(env))
  await initialise(layout)
  const port = await freePort()
  const keeper = await launch(layout, port)
  return { url: `postgres://packyard@127.0.0.1:${port}/postgres`, stop: async () => stop(keeper) }
}

function prepare(binaries: PostgresBinaries): Layout {
  const folder = mkdtempSync(path.join(tmpdir(), 'packyard-postgres-'))
  const user = process.getuid?.() === 0 ? unprivilegedUser() : {}
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid)
  chmodSync(folder, 0o755)
  const { bin, bundle } = readableBy(user, binaries, folder)
  const env = { PATH: process.env['PATH'], LC_ALL: 'C', ...(bundle === undefined ? {} : libraryPath(bundle)) }
  return { folder, data: path.join(folder, 'data'), log: path.join(folder, 'postgres.log'), bin, user, env }
}

function libraryPath(bundle: string): NodeJS.ProcessEnv {
  return { [process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH']: path.join(bundle, 'lib') }
}

function unprivilegedUser(): User {
  for (const name of ['postgres', 'nobody']) {
    const { status, stdout } = spawnSync('id', ['-u', name], { encoding: 'utf8' })
    if (status !== 0) continue
    return { uid: Number(stdout), gid: Number(execFileSync('id', ['-g', name], { encoding: 'utf8' })) }
  }
  throw new Error('PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody')
}

/** A checkout below a closed folder, such as root's home, can't be read by the other user: then a copy is used. */
function readableBy(user: User, binaries: PostgresBinaries, folder: string): PostgresBinaries {
  if (binaries.bundle === undefined) return binaries
  const env = libraryPath(binaries.bundle)
  const { status } = spawnSync(path.join(binaries.bin, 'postgres'), ['--version'], { ...user, env, cwd: folder })
  if (status === 0) return binaries
  const bundle = path.join(folder, 'native')
  cpSync(binaries.bundle, bundle, { recursive: true, verbatimSymlinks: true })
  return { bundle, bin: path.join(bundle, 'bin') }
}

async function initialise({ bin, data, user, env, folder }: Layout): Promise<void> {
  const options = ['-D', data, '-U', 'packyard', '-E', 'UTF8', '--locale=C', '-A', 'trust', '--no-sync']
  await promisify(execFile)(path.join(bin, 'initdb'), options, { ...user, env, cwd: folder })
}

/**
 * A shell keeps the server: it ends both when its input does, which is when our process is gone. What is in the
 * database need not survive a power cut, so nothing waits for the disk.
 */
const KEEPER = `
  log=$1; folder=$2; shift 2
  "$@" >>"$log" 2>&1 &
  server=$!
  read -r line
  kill -INT $server 2>/dev/null
  wait $server
  rm -rf "$folder"`

async function launch({ folder, data, log, bin, user, env }: Layout, port: number): Promise<ChildProcess> {
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'max_connections=300']
  const server = [path.join(bin, 'postgres'), '-D', data, '-p', String(port), ...settings.flatMap((set) => ['-c', set])]
  const keeper = spawn('sh', ['-c', KEEPER, 'keeper', log, folder, ...server], {
    ...user,
    env,
    cwd: folder,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  letProcessEnd(keeper)
  const startedAt = performance.now()
  while (!isReady(data)) {
    if (performance.now() - startedAt > READY_WITHIN_MS) throw new Error(`PostgreSQL is not ready: ${tail(log)}`)
    await sleep(20)
  }
  return keeper
}

/** Neither the shell nor the pipe to it keeps a test process from ending. */
function letProcessEnd(keeper: ChildProcess): void {
  keeper.unref()
  if (keeper.stdin instanceof Socket) keeper.stdin.unref()
}

function isReady(data: string): boolean {
  const file = path.join(data, 'postmaster.pid')
  return existsSync(file) && readFileSync(file, 'utf8').includes('ready')
}

function tail(log: string): string {
  return existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(-20).join('\n') : 'it wrote no log'
}

async function stop(keeper: ChildProcess): Promise<void> {
  if (keeper.exitCode !== null) return
  keeper.ref()
  keeper.stdin?.end()
  await once(keeper, 'exit')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
