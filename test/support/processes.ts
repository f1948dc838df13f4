import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

export interface RunOptions {
  readonly cwd: string
  /** All of it: nothing of the machine's own environment comes along. */
  readonly env: Readonly<Record<string, string>>
  /** Unit: ms. */
  readonly timeoutMs?: number
  /** What it asks for, and what a person would type. */
  readonly answers?: Readonly<Record<string, string>>
}

export interface Run {
  /** Undefined when it was killed, as for taking too long. */
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
  /** Both, one after the other, as a person would see them. */
  readonly output: string
  readonly durationMs: number
}

/** Longest time that a client may take for one command. Unit: ms. Ours. */
const clientTimeoutMs = 300_000

/** Runs a program to its end, whatever its exit code. */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<Run> {
  const startedAt = performance.now()
  const { cwd, env, answers = {}, timeoutMs: timeout = clientTimeoutMs } = options
  const child = spawn(command, args, { cwd, env, timeout, killSignal: 'SIGKILL', stdio: ['pipe', 'pipe', 'pipe'] })
  if (Object.keys(answers).length === 0) child.stdin.end()
  const output = Promise.all([text(child.stdout, answering(child.stdin, answers)), text(child.stderr)])
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  const [stdout, stderr] = await output
  const durationMs = performance.now() - startedAt
  return { code: code ?? undefined, stdout, stderr, output: stdout + stderr, durationMs }
}

function answering(stdin: Writable, answers: Readonly<Record<string, string>>): (all: string) => void {
  const left = new Map(Object.entries(answers))
  return (all) => {
    for (const [question, answer] of left) {
      if (all.includes(question) && left.delete(question)) stdin.write(`${answer}\n`)
    }
  }
}

/** The output of a run that has to succeed. */
export async function runWell(command: string, args: readonly string[], options: RunOptions): Promise<Run> {
  const result = await run(command, args, options)
  if (result.code === 0) return result
  throw new Error(`${command} ${args.join(' ')} ended with ${result.code ?? 'a signal'}:\n${result.output}`)
}

/** Asks again and again until the answer is not undefined; throws when that takes longer than it may. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  withinMs = 10_000,
): Promise<T> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms for ${what}`)
    await sleep(20)
  }
}

/** A process and all its descendants that are alive. Linux only; elsewhere the process alone. */
export function processTree(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
    return [pid, ...children.flatMap((child) => processTree(Number(child)))]
  } catch {
    return [pid]
  }
}

/** Resident memory now, and at most since it was last asked to forget. Unit: bytes. Undefined where there is no /proc. */
export function residentMemory(pid: number): { nowBytes: number; peakBytes: number } | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const field = (name: string) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1])
    return { nowBytes: field('VmRSS'), peakBytes: field('VmHWM') }
  } catch {
    return undefined
  }
}

function text(stream: NodeJS.ReadableStream, look: (all: string) => void = () => undefined): Promise<string> {
  return new Promise((resolve) => {
    let all = ''
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      all += chunk
      look(all)
    })
    stream.on('end', () => resolve(all))
  })
}
