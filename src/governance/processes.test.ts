import assert from 'node:assert/strict'
import { testOnEachDatabase } from '../../test/support/each-registry.ts'
import { until } from '../../test/support/processes.ts'
import { administrator } from '../../test/support/registry.ts'
import { address, decideOn, downloadOf, enforce, indexOf } from './governance.fixture.ts'
import { deleteRule } from './rule-store.ts'

testOnEachDatabase('what one process is told about rules and decisions every process obeys', async (_t, open) => {
  const registry = await open()
  await registry.setUp('web')
  await registry.publish('web', 'mine', '1.0.0')
  await registry.publish('web', 'mine', '1.1.0')
  const other = await open({ beside: registry })
  const seen = () => indexOf(other, 'web', 'mine')
  const sees = (text: string) => until(text, async () => ((await seen()) === text ? true : undefined))
  assert.equal(await seen(), '1.0.0 1.1.0 latest=1.1.0')
  assert.equal(await downloadOf(other, 'web', 'mine', '1.1.0'), 'given')

  await enforce(registry, 'approval', { parameters: { default: 'pass' } })
  await decideOn(registry, 'mine', '1.1.0', { kind: 'denied' })
  await sees('1.0.0 latest=1.0.0')
  assert.match(await downloadOf(other, 'web', 'mine', '1.1.0'), /denied/)
  await decideOn(registry, 'mine', '1.1.0', { kind: 'approved' })
  await sees('1.0.0 1.1.0 latest=1.1.0')
  await decideOn(registry, 'mine', '1.1.0', { kind: 'denied' })
  await sees('1.0.0 latest=1.0.0')
  await deleteRule(registry.parts, administrator, address, 'approval')
  await sees('1.0.0 1.1.0 latest=1.1.0')
})
