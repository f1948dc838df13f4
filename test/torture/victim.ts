/** A process that works on several yards at once until it is killed, or until it has looked at all of them. */
import { flushCompileCache } from 'node:module'
import { writeSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { checkYard } from './check-yard.ts'
import { note, type Say, type Told, type Yard } from './ledger.ts'
import { migrateYard } from './migrate-yard.ts'
import { OpenYard, settingsOf } from './open-yard.ts'
import { randomOf } from './random.ts'
import { type StepParts, takeStep } from './steps.ts'

/** What it is told to do. */
export interface Task {
  readonly seed: number
  readonly upstreamUrl: string
  readonly publicNames: readonly string[]
  readonly yards: readonly (Yard & { readonly work: 'steps' | 'migrate' | 'look at all' })[]
}

/** Steps of a yard at the same time. */
const stepsAtOnce = { steps: 2, migrate: 1 }

// A process that is killed writes nothing at its end.
flushCompileCache()
const task = JSON.parse(await text(process.stdin)) as Task
for (const { id } of task.yards) tell({ yard: id, told: 'loaded' })
await Promise.all(task.yards.map((yard) => live(yard).catch((error: unknown) => giveUp(yard, error))))
process.exit(0)

async function live(yard: Task['yards'][number]): Promise<void> {
  const random = randomOf(task.seed + yard.id * 7919)
  const say: Say = (told) => {
    const whole = { yard: yard.id, ...told } as Told
    tell(whole)
    note(yard, whole)
  }
  const open = await openMeasured(yard, say)
  await checkYard(open, yard, say, random, yard.work === 'look at all' ? 'all' : 'news')
  if (yard.work === 'look at all') return open.close()
  const parts: StepParts = { open, yard, say, random, publicNames: task.publicNames, busy: new Set() }
  const migrated = yard.work === 'migrate' ? new AbortController() : undefined
  const working = Array.from({ length: stepsAtOnce[yard.work] }, async () => {
    while (migrated?.signal.aborted !== true) await takeStep(parts)
  })
  if (migrated) await migrateYard({ open, yard, say, upstreamUrl: task.upstreamUrl }, 'first')
  migrated?.abort()
  await Promise.all(working)
  say({ told: 'moved', home: await migrateYard({ open, yard, say, upstreamUrl: task.upstreamUrl }, 'last') })
  say({ told: 'did', step: 'migrate' })
  // Nobody writes to the old home any more: what is left is to be killed.
  await new Promise(() => setInterval(() => {}, 60_000))
}

async function openMeasured(yard: Yard, say: Say): Promise<OpenYard> {
  const open = await OpenYard.open(settingsOf(yard, task.upstreamUrl))
  const { user, system } = process.cpuUsage()
  say({ told: 'opened', ms: performance.now(), cpuMs: (user + system) / 1000 })
  return open
}

function giveUp(yard: Yard, error: unknown): never {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
  tell({ yard: yard.id, told: 'wrong', what })
  process.exit(1)
}

/** Written when this returns: what was said stays said. */
function tell(told: Told): void {
  writeSync(1, `${JSON.stringify(told)}\n`)
}
