import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type GivenRecord, osvEntries } from '../../src/governance/advisories/osv.fixture.ts'
import { skipWithoutClient } from '../support/clients.ts'
import type { Packyard } from '../support/packyard.ts'
import { type Run, run, until } from '../support/processes.ts'
import { mainProgram } from '../support/server-process.ts'
import { testOnEachSetup } from '../support/setups.ts'
import { packZip } from '../support/zip-archive.ts'

const skip = skipWithoutClient('npm 11')

function packyard(yard: Packyard, ...args: readonly string[]): Promise<Run> {
  return run(process.execPath, [mainProgram, ...args], { cwd: yard.folder, env: yard.serverEnv })
}

async function importRecords(yard: Packyard, records: readonly GivenRecord[]): Promise<Run> {
  const path = join(yard.folder, 'all.zip')
  await writeFile(path, packZip(osvEntries(records)))
  return packyard(yard, 'advisories', 'import', path, '--feed', 'test')
}

const known: readonly GivenRecord[] = [
  {
    id: 'GHSA-aaaa-bbbb-cccc',
    aliases: ['CVE-2026-1'],
    name: 'tiny',
    severity: 'CRITICAL',
    events: [{ introduced: '1.0.0' }, { fixed: '1.3.1' }],
    summary: 'Tiny runs what it is told',
  },
  { id: 'GHSA-dddd-eeee-ffff', name: '@acme/own', severity: 'LOW', events: [{ introduced: '0' }] },
]

testOnEachSetup('npm audits by what was imported, offline', { skip }, async (t, setup) => {
  const yard = await setup.start()
  const npm = await yard.client('npm 11')
  await npm.publish({ name: 'tiny', version: '1.3.0' })
  await npm.publish({ name: 'tiny', version: '1.3.1' })
  await npm.publish({ name: '@acme/own', version: '2.0.0' })
  await npm.add('tiny@1.3.0 @acme/own@2.0.0')

  await t.test('nothing is known before anything was imported', async () => {
    const audit = await npm.run('audit --json')
    assert.deepEqual((JSON.parse(audit.stdout) as { vulnerabilities: object }).vulnerabilities, {})
  })

  await t.test('what was imported is told at once, of own packages too', async () => {
    const imported = await importRecords(yard, known)
    assert.equal(imported.code, 0, imported.output)
    assert.match(imported.stdout, /test: 2 records, 2 advisories/)
    const audit = await until('the audit to find something', async () => {
      const ran = await npm.attempt('audit --json')
      return ran.code === 1 ? ran : undefined
    })
    const { vulnerabilities } = JSON.parse(audit.stdout) as {
      vulnerabilities: Record<string, { severity: string; via: { title: string; url: string; range: string }[] }>
    }
    assert.deepEqual(Object.keys(vulnerabilities).sort(), ['@acme/own', 'tiny'])
    assert.equal(vulnerabilities['tiny']?.severity, 'critical')
    const [via] = vulnerabilities['tiny']?.via ?? []
    assert.equal(via?.title, 'Tiny runs what it is told')
    assert.equal(via?.url, 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc')
    assert.equal(via?.range, '>=1.0.0 <1.3.1')
  })

  await t.test('npm audit fix goes to the version in which it is mended', async () => {
    await npm.attempt('audit fix --force')
    assert.equal(await npm.installed('tiny'), 'tiny@1.3.1')
  })

  await t.test('the command line tells what is known, and what is kept', async () => {
    const list = await packyard(yard, 'advisories', 'list', 'npm', 'tiny', '1.3.0')
    assert.equal(list.code, 1, 'something is known')
    assert.match(list.stdout, /GHSA-aaaa-bbbb-cccc +critical +>=1\.0\.0 <1\.3\.1 +Tiny runs/)
    assert.equal((await packyard(yard, 'advisories', 'list', 'npm', 'tiny', '1.3.1')).code, 0)
    assert.match((await packyard(yard, 'advisories', 'show', 'CVE-2026-1')).stdout, /GHSA-aaaa-bbbb-cccc/)
    const match = await packyard(yard, 'advisories', 'match', '--repository', 'main', '--output', 'json')
    const { versions } = JSON.parse(match.stdout) as { versions: { name: { name: string }; version: string }[] }
    assert.deepEqual(
      versions.map(({ name, version }) => `${name.name} ${version}`),
      ['tiny 1.3.0', 'own 2.0.0'],
    )
    assert.match((await packyard(yard, 'advisories', 'status')).stdout, /test +.* 2 +ok/)
    assert.match((await packyard(yard, 'licences', 'list')).stdout, /npm +Apache-2\.0 +3/)
  })

  await t.test('a broken file changes nothing, and the doctor says so', async () => {
    const path = join(yard.folder, 'all.zip')
    await writeFile(path, (await readFile(path)).subarray(0, 100))
    const failed = await packyard(yard, 'advisories', 'import', path, '--feed', 'test')
    assert.equal(failed.code, 1)
    assert.match(failed.output, /cannot be read, and what was read before stands: .*no sound zip archive/)
    assert.equal((await packyard(yard, 'advisories', 'status')).code, 1)
    assert.match((await packyard(yard, 'doctor')).stdout, /advisories.*test cannot be read since/)
    assert.equal((await packyard(yard, 'advisories', 'list', 'npm', 'tiny')).code, 1, 'still known')
  })
})
