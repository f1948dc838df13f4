import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testOnEachDatabase } from '../../../test/support/each-registry.ts'
import { openRegistry } from '../../../test/support/registry.ts'
import { startUpstream } from '../../../test/support/upstream.ts'
import { downloadOf, enforce, indexOf } from '../governance.fixture.ts'

testOnEachDatabase('versions are held by their licence, on the way in and out', async (t, open) => {
  const version = (number: string, license?: string) => ({ name: 'tiny', version: number, manifest: { license } })
  const upstream = await startUpstream(t, {
    npm: [
      version('1.0.0', 'MIT'),
      version('1.1.0', 'GPL-3.0-only'),
      version('1.2.0', '(GPL-3.0-only OR MIT)'),
      version('1.3.0', 'own terms'),
    ],
  })
  const registry = await open({ connections: { 'public:npmjs': upstream.url } })
  await registry.setUp('store+public:npmjs', 'web→store')
  await enforce(registry, 'licence', { parameters: { allow: ['MIT', 'Apache-2.0'], unknown: 'pass' } })
  assert.equal(await indexOf(registry, 'web', 'tiny'), '1.0.0 1.2.0 1.3.0 latest=1.3.0')
  assert.match(
    await downloadOf(registry, 'web', 'tiny', '1.1.0'),
    /^tiny 1\.1\.0 is held by rule 'licence' \(licence\): its licence, GPL-3\.0-only, is not allowed/,
  )
  assert.equal(await downloadOf(registry, 'web', 'tiny', '1.2.0'), 'given')
  await enforce(registry, 'licence', { parameters: { deny: ['AGPL-*'] }, name: 'known-only' })
  assert.match(
    await downloadOf(registry, 'web', 'tiny', '1.3.0'),
    /nobody can tell what its licence allows: "own terms"/,
  )
  assert.equal(await indexOf(registry, 'web', 'tiny'), '1.0.0 1.2.0 latest=1.2.0')
})

test('parameters of rules about vulnerabilities and licences are checked one by one', async (t) => {
  const registry = await openRegistry(t)
  await registry.setUp('web')
  for (const [kind, parameters, message] of [
    ['licence', {}, /must have licences in allow, in deny or in both/],
    ['licence', { allow: ['GPL'] }, /^RegistryError: parameters\.allow\.0 'GPL' must be an SPDX identifier/],
    ['licence', { deny: ['GPL-*'], unknown: 'maybe' }, /parameters\.unknown 'maybe' must be "hold" or "pass"/],
    ['vulnerability', { minimumSeverity: 'bad' }, /parameters\.minimumSeverity 'bad' must be one of low, moderate/],
    ['vulnerability', { ignore: [{ id: 'CVE-1' }] }, /parameters\.ignore\.0/],
    [
      'vulnerability',
      { ignore: [{ id: 'CVE-1', reason: 'no', until: 'soon' }] },
      /ignore\.0\.until 'soon' must be a date/,
    ],
  ] as const) {
    await assert.rejects(enforce(registry, kind, { parameters }), message)
  }
})
