import assert from 'node:assert/strict'
import { testOnEachDatabase } from '../../test/support/each-registry.ts'
import { until } from '../../test/support/processes.ts'
import type { TestRegistry } from '../../test/support/registry.ts'
import { type JobKind, LeaseLostError } from './job.ts'
import {
  endJob,
  findJob,
  isRunning,
  LEASE_MS,
  listJobs,
  pruneJobs,
  renewLease,
  requestJob,
  scheduleJob,
  takeJob,
} from './job-rows.ts'
import { nextNight } from './nightly.ts'
import { runAttempt } from './run-attempt.ts'
import { startJobs } from './runner.ts'
import { test } from 'node:test'

const afresh = { input: null, progress: 'begin afresh' } as const
const never = new AbortController().signal
const random = () => 0.5

function partsOf({ parts }: TestRegistry) {
  const { metadata, clock, randomId } = parts
  return { metadata, clock, randomId, random }
}

testOnEachDatabase('of many that ask at once one gets the job', async (_t, open) => {
  const registry = await open()
  const parts = partsOf(registry)
  const job = await requestJob(parts, 'count', afresh)
  assert.equal((await requestJob(parts, 'count', afresh)).id, job.id)
  const taken = await Promise.all(Array.from({ length: 8 }, () => takeJob(parts, ['count', 'other'])))
  assert.equal(taken.filter(Boolean).length, 1)
  assert.equal(await takeJob(parts, ['other']), undefined)
})

testOnEachDatabase('a job whose process died is taken over, and the dead one can write no more', async (_t, open) => {
  const registry = await open()
  const parts = partsOf(registry)
  await requestJob(parts, 'count', afresh)
  const first = await takeJob(parts, ['count'])
  assert.ok(first)
  await renewLease(parts, first, { reached: 7 })
  registry.now += LEASE_MS - 1
  assert.equal(await takeJob(parts, ['count']), undefined)
  registry.now += 1
  const second = await takeJob(parts, ['count'])
  assert.ok(second)
  assert.deepEqual([second.job.id, second.job.attempts, second.job.progress], [first.job.id, 2, { reached: 7 }])
  await assert.rejects(endJob(parts, first, { outcome: 'mine' }), LeaseLostError)
  await endJob(parts, second, { outcome: 'done' })
  const ended = await findJob(parts, first.job.id)
  assert.deepEqual([ended?.state, ended?.outcome], ['done', 'done'])
})

testOnEachDatabase('what fails is tried again, later each time, until it has failed', async (_t, open) => {
  const registry = await open()
  const parts = partsOf(registry)
  const kind: JobKind = { name: 'fail', attemptsMax: 3, run: async () => Promise.reject(new Error('on purpose')) }
  const { id } = await requestJob(parts, 'fail', afresh)
  const waits: number[] = []
  for (const end of ['retried', 'retried', 'failed']) {
    const attempt = await takeJob(parts, ['fail'])
    assert.ok(attempt)
    assert.equal(await runAttempt(parts, kind, attempt, never), end)
    const { dueAt } = (await findJob(parts, id)) ?? assert.fail('the job is gone')
    waits.push(dueAt - registry.now)
    registry.now = Math.max(dueAt, registry.now)
  }
  assert.deepEqual(waits.slice(0, 2), [7_500, 15_000])
  const job = await findJob(parts, id)
  assert.deepEqual([job?.state, job?.error, job?.attempts], ['failed', 'on purpose', 3])
  assert.equal(await takeJob(parts, ['fail']), undefined)
})

testOnEachDatabase('a process that ends gives its job back as it was', async (_t, open) => {
  const registry = await open()
  const parts = partsOf(registry)
  const stopping = new AbortController()
  const kind: JobKind = {
    name: 'slow',
    attemptsMax: 1,
    run: async ({ save, signal }) => {
      await save({ reached: 1 })
      stopping.abort(new Error('the process is to end'))
      signal.throwIfAborted()
      return null
    },
  }
  const { id } = await requestJob(parts, 'slow', afresh)
  const attempt = await takeJob(parts, ['slow'])
  assert.ok(attempt)
  assert.equal(await runAttempt(parts, kind, attempt, stopping.signal), 'interrupted')
  const job = await findJob(parts, id)
  assert.deepEqual([job?.state, job?.attempts, job?.progress], ['waiting', 0, { reached: 1 }])
})

testOnEachDatabase('what runs by itself runs, and is planned again', async (_t, open) => {
  const registry = await open()
  let runs = 0
  const parts = partsOf(registry)
  const kind: JobKind = {
    name: 'nightly',
    attemptsMax: 3,
    nextAfter: (time) => time + 60_000,
    run: async () => ++runs,
  }
  const failures: unknown[] = []
  const jobs = startJobs({ ...parts, kinds: [kind], onFailure: (error) => failures.push(error) })
  try {
    await until('the plan', async () => (await listJobs(parts))[0])
    assert.equal(runs, 0)
    registry.now += 60_000
    await until('the run', async () => (await listJobs(parts)).find(({ state }) => state === 'done'))
    const [next] = await until('the next plan', async () => {
      const found = await listJobs(parts)
      return found.length === 2 ? found : undefined
    })
    assert.deepEqual([runs, next?.state, next?.dueAt], [1, 'waiting', registry.now + 60_000])
  } finally {
    await jobs.stop()
  }
  assert.deepEqual(failures, [])
})

testOnEachDatabase('what ended long ago is forgotten, and what waits is not', async (_t, open) => {
  const registry = await open()
  const parts = partsOf(registry)
  await requestJob(parts, 'old', afresh)
  const attempt = await takeJob(parts, ['old'])
  assert.ok(attempt)
  assert.equal(await parts.metadata.write((write) => isRunning(write, 'old', registry.now)), true)
  await endJob(parts, attempt, { outcome: null })
  await scheduleJob(parts, 'planned', registry.now + 1)
  registry.now += 31 * 86_400_000
  await pruneJobs(parts)
  assert.deepEqual(
    (await listJobs(parts)).map(({ kind }) => kind),
    ['planned'],
  )
})

test('a night is in the night, and never the one that is just over', () => {
  for (const hour of [0, 1, 2, 3, 4, 5, 12, 23]) {
    for (const chance of [0, 0.5, 0.999]) {
      const now = Date.UTC(2026, 0, 31, hour)
      const night = nextNight(now, () => chance)
      const hourOfDay = new Date(night).getUTCHours()
      assert.ok(hourOfDay >= 2 && hourOfDay < 5, `${hourOfDay}`)
      assert.ok(night - now > 3_600_000 && night - now < 30 * 3_600_000)
    }
  }
})
