import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { get } from 'node:https'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { processTree, until } from './processes.ts'

/** What a person types after `packyard`. */
export const mainProgram = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** How long a server may take until it is ready, or until it has ended. Unit: ms. Ours; generous for a busy machine. */
const lifecycleTimeoutMs = 60_000

/** `packyard serve` as a child process: the real one, with what it wrote. */
export class ServerProcess {
  readonly url: string
  /** All that it wrote, to both outputs, over every start. */
  log = ''
  /** From the start of the process to the first ready answer. Unit: ms. */
  readyAfterMs = 0
  #env: Readonly<Record<string, string>>
  readonly #cwd: string
  readonly #logFile: string | undefined
  #child: ChildProcess | undefined

  /** With a `logFile`, what it writes goes there and nobody reads along, as under a load that is measured. */
  constructor(port: number, env: Readonly<Record<string, string>>, cwd: string, logFile?: string) {
    this.#logFile = logFile
    this.url = `${env.PACKYARD_TLS === 'auto' ? 'https' : 'http'}://127.0.0.1:${port}`
    this.#env = { ...env, PACKYARD_PORT: String(port) }
    this.#cwd = cwd
  }

  /** The process that was started; its workers are its children. */
  get pid(): number {
    assert.ok(this.#child?.pid, 'the server is not running')
    return this.#child.pid
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  async start(): Promise<void> {
    const startedAt = performance.now()
    this.#child = this.#logFile === undefined ? this.#spawn('pipe') : this.#spawnWritingTo(this.#logFile)
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.log += text
      })
    }
    await until('the server to be ready', () => this.#isReady(), lifecycleTimeoutMs)
    this.readyAfterMs = performance.now() - startedAt
  }

  #spawn(output: 'pipe' | number): ChildProcess {
    const options = { cwd: this.#cwd, env: this.#env }
    return spawn(process.execPath, [mainProgram, 'serve'], { ...options, stdio: ['ignore', output, output] })
  }

  #spawnWritingTo(file: string): ChildProcess {
    const descriptor = openSync(file, 'a')
    try {
      return this.#spawn(descriptor)
    } finally {
      closeSync(descriptor)
    }
  }

  /** Starts it again after it has ended, with some settings changed. */
  async startWith(changes: Readonly<Record<string, string>>): Promise<void> {
    this.#env = { ...this.#env, ...changes }
    await this.start()
  }

  /** Asks it to end, as a service manager would. Resolves to its exit code; null when a signal ended it. */
  async terminate(): Promise<number | null> {
    const child = this.#child
    if (!child || !this.isRunning) return child?.exitCode ?? null
    child.kill('SIGTERM')
    return this.exited()
  }

  /** Resolves to the exit code once the process has gone. */
  async exited(): Promise<number | null> {
    const child = this.#child
    assert.ok(child, 'the server was never started')
    await until('the server to end', () => (this.isRunning ? undefined : true), lifecycleTimeoutMs)
    return child.exitCode
  }

  /** Ends it and its workers at once, as a lost machine would. */
  async kill9(): Promise<void> {
    for (const pid of processTree(this.pid)) kill(pid)
    await this.exited()
  }

  async #statusOf(path: string): Promise<number | undefined> {
    if (this.url.startsWith('https:')) {
      return secureStatus(this.url + path, await readFile(join(this.#env['PACKYARD_DATA_DIR'] ?? '', 'ca.pem'), 'utf8'))
    }
    const response = await fetch(this.url + path)
    await response.arrayBuffer()
    return response.status
  }

  async #isReady(): Promise<true | undefined> {
    assert.ok(this.isRunning, `the server ended before it was ready:\n${lastLines(this.log, 20)}`)
    try {
      return (await this.#statusOf('/readyz')) === 200 ? true : undefined
    } catch {
      return undefined
    }
  }
}

/** Of an answer over HTTPS from a server that this authority vouches for. */
function secureStatus(url: string, ca: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = get(url, { ca, agent: false }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode))
    })
    asked.once('error', reject)
  })
}

/**
 * A port that nobody listens on, outside of those that the kernel gives to outgoing connections, so that it is still
 * free after a restart.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 15_000 + Math.floor(Math.random() * 15_000)
    if (await canListen(port)) return port
  }
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

export function lastLines(log: string, count: number): string {
  return log.split('\n').slice(-count).join('\n')
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it ended by itself in the meantime
  }
}
