import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type GivenRecord, osvEntries } from '../../src/governance/advisories/osv.fixture.ts'
import { skipWithoutClient } from '../support/clients.ts'
import { type Packyard, startPackyard } from '../support/packyard.ts'
import { type Run, run, until } from '../support/processes.ts'
import { PypiWire } from '../support/pypi-wire.ts'
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

const elsewhere: readonly GivenRecord[] = [
  {
    id: 'PYSEC-2026-1',
    aliases: ['CVE-2026-7'],
    ecosystem: 'PyPI',
    name: 'Flask_Thing',
    severity: 'HIGH',
    events: [{ introduced: '0' }, { fixed: '2.0' }],
  },
  {
    id: 'GHSA-nnnn-nnnn-nnnn',
    ecosystem: 'NuGet',
    name: 'Acme.Core',
    severity: 'MODERATE',
    events: [{ introduced: '1.0.0' }, { fixed: '2.1.0' }],
    versions: ['0.9.0'],
  },
]

test('pip-audit and NuGet are told what was imported', async (t) => {
  const yard = await startPackyard(t, { processes: 1 })
  const token = await yard.token()
  const authorization = `Basic ${Buffer.from(`aws:${token}`).toString('base64')}`
  const pypi = await yard.endpoint('main', 'pypi')
  const ask = (question: object) =>
    fetch(`${pypi}osv/v1/query`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(question),
    })
  const question = { package: { name: 'flask-thing', ecosystem: 'PyPI' }, version: '1.9.post1' }

  await t.test('without anything imported, an audit fails rather than finding nothing', async () => {
    const answer = await ask(question)
    assert.equal(answer.status, 503)
    assert.match(await answer.text(), /packyard advisories import/)
  })
  assert.equal((await importRecords(yard, elsewhere)).code, 0)

  await t.test('as pip-audit asks an OSV service', async () => {
    const { vulns } = (await (await ask(question)).json()) as { vulns: Record<string, unknown>[] }
    assert.deepEqual(
      vulns.map(({ id, aliases, affected }) => [id, aliases, affected]),
      [
        [
          'PYSEC-2026-1',
          ['CVE-2026-7'],
          [
            {
              package: { ecosystem: 'PyPI', name: 'flask-thing' },
              ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '2.0' }] }],
              versions: [],
            },
          ],
        ],
      ],
    )
    assert.deepEqual(await (await ask({ ...question, version: '2.0.0' })).json(), {})
    assert.equal((await ask({ version: '1' })).status, 400)
    const anonymous = await fetch(`${pypi}osv/v1/query`, { method: 'POST', body: JSON.stringify(question) })
    assert.equal(anonymous.status, 401)
  })

  await t.test('as PyPI tells of a release', async () => {
    const wire = new PypiWire(pypi, token)
    await wire.publish({ name: 'flask-thing', version: '1.0' })
    const answer = await fetch(`${pypi}pypi/flask-thing/1.0.0/json`, { headers: { authorization } })
    const { info, urls, vulnerabilities } = (await answer.json()) as {
      info: { version: string }
      urls: object[]
      vulnerabilities: { id: string; fixed_in: string[]; aliases: string[]; withdrawn: null }[]
    }
    assert.equal(info.version, '1.0')
    assert.equal(urls.length, 1)
    assert.deepEqual(
      vulnerabilities.map(({ id, fixed_in: fixed, aliases, withdrawn }) => [id, fixed, aliases, withdrawn]),
      [['PYSEC-2026-1', ['2.0'], ['CVE-2026-7'], null]],
    )
    assert.equal((await fetch(`${pypi}pypi/flask-thing/9/json`, { headers: { authorization } })).status, 404)
  })

  await t.test('as a page of NuGet, which restore audits by', async () => {
    const nuget = await yard.endpoint('main', 'nuget')
    const read = async (path: string) => (await fetch(`${nuget}${path}`, { headers: { authorization } })).json()
    const pages = (await read('v3/vulnerabilities/index.json')) as { '@name': string; '@id': string }[]
    const own = pages.find((page) => page['@name'] === 'packyard')
    assert.equal(own?.['@id'], `${nuget}v3/vulnerabilities/packyard.json`)
    const line = { severity: 1, url: 'https://github.com/advisories/GHSA-nnnn-nnnn-nnnn' }
    assert.deepEqual(await read('v3/vulnerabilities/packyard.json'), {
      'acme.core': [
        { ...line, versions: '[1.0.0, 2.1.0)' },
        { ...line, versions: '[0.9.0, 0.9.0]' },
      ],
    })
  })
})

test('a configured source is asked by itself, and a broken one raises an alarm once', async (t) => {
  const feed = await startFeed(t)
  feed.body = packZip(osvEntries(known))
  const yard = await startPackyard(t, { processes: 1, env: { PACKYARD_ADVISORY_SOURCES: `${feed.url}all.zip` } })
  const refresh = () => packyard(yard, 'advisories', 'refresh', '--output', 'json')
  assert.equal((await refresh()).code, 0)
  assert.equal((await packyard(yard, 'advisories', 'list', 'npm', 'tiny')).code, 1)
  const again = await refresh()
  assert.match(again.stdout, /"unchanged"/)
  assert.equal(feed.statuses.filter((status) => status === 200).length, 1, 'read once, however often it was asked')
  assert.equal(feed.statuses[0], 200)

  feed.body = feed.body.subarray(0, 200)
  feed.etag = '"broken"'
  const failed = await refresh()
  assert.equal(failed.code, 1)
  assert.match(failed.output, /cannot be read.*no sound zip archive/)
  assert.match((await packyard(yard, 'doctor')).stdout, /advisories.*cannot be read since/)
  assert.equal((await packyard(yard, 'advisories', 'list', 'npm', 'tiny')).code, 1, 'the last good one counts')
})

/** A server of one file, with its ETag. */
async function startFeed(t: TestContext) {
  const feed = { url: '', body: Buffer.alloc(0) as Buffer, etag: '"first"', statuses: [] as number[] }
  const server = createServer((request, response) => {
    const status = request.headers['if-none-match'] === feed.etag ? 304 : 200
    feed.statuses.push(status)
    response.writeHead(status, { etag: feed.etag })
    response.end(status === 200 ? feed.body : undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  feed.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return feed
}
