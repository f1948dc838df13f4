import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Told } from './ledger.ts'
import type { Random } from './random.ts'
import type { Task } from './victim.ts'

const victim = fileURLToPath(new URL('victim.ts', import.meta.url))

/** What a process compiles, the next one needs not. */
const compileCache = fileURLToPath(new URL('../../node_modules/.cache/packyard-torture', import.meta.url))

/** Longest silence. Unit: ms. Ours. */
const IDLE_MS_MAX = 60_000

/** When a process is killed, said in what it does rather than in time, so that it does not depend on the machine. */
export type Moment =
  | { readonly kind: 'never' }
  /** So long after it was ready to open its yards: in the middle of a start. Unit: ms. */
  | { readonly kind: 'starting'; readonly afterMs: number }
  /** When it has said so many things, or so many of one kind, and so long after it. Unit: ms. */
  | { readonly kind: 'working'; readonly lines: number; readonly of: '' | 'migrating'; readonly afterMs: number }

/** A quarter of the kills meet a start. */
export function chooseMoment(random: Random, yards: number, work: 'steps' | 'migrate'): Moment {
  if (random() < 0.25) return { kind: 'starting', afterMs: random() * 20 * yards }
  // A migration says ten things or so, the steps beside it many more.
  if (work === 'migrate') {
    return { kind: 'working', lines: 1 + Math.floor(random() * 10 * yards), of: 'migrating', afterMs: random() * 12 }
  }
  const linesMax = random() < 0.1 ? 60 : 10
  return { kind: 'working', lines: yards * (2 + Math.floor(random() * linesMax)), of: '', afterMs: random() * 12 }
}

export interface KilledRun {
  /** In the order in which it was said. */
  readonly told: readonly Told[]
  readonly signal: NodeJS.Signals | null
  readonly errors: string
}

/** Starts one process on its task and kills it at that moment. Resolves to what it had said by then. */
export async function killRun(task: Task, moment: Moment): Promise<KilledRun> {
  const env = { ...process.env, NODE_COMPILE_CACHE: compileCache }
  const child = spawn(process.execPath, [victim], { stdio: ['pipe', 'pipe', 'pipe'], env })
  child.stdin.on('error', () => {}).end(JSON.stringify(task))
  let [said, errors, lines] = ['', '', 0]
  let timer: NodeJS.Timeout | undefined
  const killAfter = (ms: number) => {
    timer ??= setTimeout(() => child.kill('SIGKILL'), ms)
  }
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  // One that has said all that it had to say before its moment came.
  const idle = setTimeout(() => killAfter(0), moment.kind === 'never' ? IDLE_MS_MAX * 10 : IDLE_MS_MAX)
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    idle.refresh()
    said += text
    if (moment.kind === 'working') lines += text.split(moment.of === '' ? '\n' : `"${moment.of}"`).length - 1
    if (moment.kind === 'starting') killAfter(moment.afterMs)
    if (moment.kind === 'working' && lines >= moment.lines) killAfter(moment.afterMs)
  })
  const signal = await new Promise<NodeJS.Signals | null>((resolve) => {
    child.once('close', (_code, by) => resolve(by))
  })
  clearTimeout(timer)
  clearTimeout(idle)
  // A kill in the middle of a line leaves its beginning.
  const whole = said
    .slice(0, said.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(Boolean)
  return { told: whole.map((line) => JSON.parse(line) as Told), signal, errors }
}
