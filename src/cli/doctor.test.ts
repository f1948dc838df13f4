import assert from 'node:assert/strict'
import { test } from 'node:test'
import { examine, hasProblem, renderFindings } from './doctor.ts'

const fine = { name: 'one', look: async () => ({ verdict: 'ok', text: 'is there' }) as const }
const broken = { name: 'second', look: () => Promise.reject(new Error('disk full\n  at …')) }

test('What throws is a problem, told in one line, and the rest is looked at all the same', async () => {
  const findings = await examine([broken, fine])
  assert.equal(renderFindings(findings, 'text'), 'PROBLEM  second  disk full\nok       one     is there\n')
  assert.equal(hasProblem(findings), true)
  assert.equal(hasProblem(await examine([fine])), false)
})

test('As JSON it holds the same', async () => {
  const findings = await examine([fine])
  assert.deepEqual(JSON.parse(renderFindings(findings, 'json')), {
    findings: [{ name: 'one', verdict: 'ok', text: 'is there' }],
  })
})
