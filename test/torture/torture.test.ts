import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { torture } from './torture.ts'

/** As many as stay cheap; `npm run torture` does more. */
const cycles = Number(process.env['PACKYARD_TEST_TORTURE_CYCLES'] ?? 96)
const seed = Number(process.env['PACKYARD_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

test('installations that are killed again and again lose nothing, and tell no lies', async (t) => {
  t.diagnostic(`PACKYARD_TEST_SEED=${seed}`)
  const folder = await mkdtemp(join(tmpdir(), 'packyard-torture-'))
  const figures = await torture(t, { cycles, seed, folder, yardsAtOnce: 12, serverEvery: 4 })
  assert.ok(figures.cycles >= cycles && figures.serverKills > 0)
  assert.ok(figures.steps.publish > 0 && figures.checkedVersions > 0)
  t.diagnostic(`${figures.cycles} installations by ${figures.kills} kills; ${JSON.stringify(figures.steps)}`)
  await rm(folder, { recursive: true })
})
