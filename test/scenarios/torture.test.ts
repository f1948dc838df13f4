import assert from 'node:assert/strict'
import { CopyPackageVersionsCommand, DeletePackageVersionsCommand } from '@aws-sdk/client-codeartifact'
import { requestJob } from '../../src/jobs/job-rows.ts'
import type { Metadata } from '../../src/storage/metadata/metadata.ts'
import { openPostgres } from '../../src/storage/metadata/postgres/open.ts'
import { openSqlite } from '../../src/storage/metadata/sqlite/open.ts'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bytesOf, makePackage, type PackageFields } from '../support/npm-package.ts'
import { NpmWire } from '../support/npm-wire.ts'
import { firstDomain, type Packyard } from '../support/packyard.ts'
import { runWell } from '../support/processes.ts'
import { mainProgram } from '../support/server-process.ts'
import { testOnEachSetup } from '../support/setups.ts'
import { startUpstream } from '../support/upstream.ts'
import { randomOf } from '../torture/random.ts'

/** How long it goes on, on each set-up. */
const seconds = Number(process.env['PACKYARD_TEST_TORTURE_SECONDS'] ?? 25)
/** What every choice follows from; the same seed makes the same choices. */
const seed = Number(process.env['PACKYARD_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

const publicNames = Array.from({ length: 40 }, (_, index) => `public-${index}`)
const workersAtOnce = 5
/** A server that was killed is ready again within this time. */
const startMsMax = 2_000

/** What is known of a version in a repository: `unknown` when the server died before it answered. */
type Known = 'there' | 'gone' | 'unknown'

class Torture {
  readonly versions = new Map<string, { readonly fields: PackageFields; main: Known; copy: Known }>()
  readonly ingested = new Set<string>()
  readonly random: () => number
  readonly yard: Packyard
  #count = 0

  constructor(yard: Packyard, random: () => number) {
    this.yard = yard
    this.random = random
  }

  pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.random() * from.length)]
  }

  async act(wire: NpmWire, metadata: Metadata): Promise<void> {
    const choice = this.random()
    if (choice < 0.45) return this.publish(wire)
    if (choice < 0.65) return this.ingest(wire)
    if (choice < 0.8) return this.copy()
    if (choice < 0.97) return this.remove()
    const parts = { metadata, clock: Date.now, randomId: () => randomUUID() }
    await requestJob(parts, 'gc', { input: null, progress: 'begin afresh' })
  }

  /** Few contents, so that what one deletes another publishes at the same moment. */
  async publish(wire: NpmWire): Promise<void> {
    const name = `own-${this.#count++}`
    const files = { 'data.txt': `content ${Math.floor(this.random() * 5)}` }
    const fields = { name, version: '1.0.0', files, noiseBytes: this.random() < 0.2 ? 400_000 : 0 }
    const entry = { fields, main: 'unknown' as Known, copy: 'gone' as Known }
    this.versions.set(name, entry)
    const { status } = await wire.publish(fields)
    assert.ok(status === 201 || status === 503, `publish answered ${status}`)
    if (status === 201) entry.main = 'there'
  }

  async ingest(wire: NpmWire): Promise<void> {
    const name = this.pick(publicNames) ?? ''
    const { status } = await wire.tarball(name, '1.0.0')
    assert.ok(status === 200 || status === 503, `a tarball from outside answered ${status}`)
    if (status === 200) this.ingested.add(name)
  }

  async copy(): Promise<void> {
    const name = this.pick([...this.versions].filter(([, known]) => known.main === 'there').map(([each]) => each))
    const entry = this.versions.get(name ?? '')
    if (!entry || entry.copy !== 'gone') return
    entry.copy = 'unknown'
    const input = {
      domain: firstDomain,
      sourceRepository: 'main',
      destinationRepository: 'copies',
      format: 'npm',
    } as const
    const answer = await this.yard.sdk.send(
      new CopyPackageVersionsCommand({ ...input, package: name, versions: ['1.0.0'] }),
    )
    if (answer.successfulVersions?.['1.0.0']) entry.copy = 'there'
  }

  async remove(): Promise<void> {
    const name = this.pick([...this.versions].filter(([, known]) => known.main === 'there').map(([each]) => each))
    const entry = this.versions.get(name ?? '')
    if (!entry) return
    entry.main = 'unknown'
    const input = { domain: firstDomain, repository: 'main', format: 'npm' } as const
    const answer = await this.yard.sdk.send(
      new DeletePackageVersionsCommand({ ...input, package: name, versions: ['1.0.0'] }),
    )
    if (answer.successfulVersions?.['1.0.0']) entry.main = 'gone'
  }

  async check(main: NpmWire, copies: NpmWire): Promise<void> {
    for (const [name, { fields, main: inMain, copy }] of this.versions) {
      const bytes = await bytesOf(await makePackage(fields))
      for (const [wire, known] of [
        [main, inMain],
        [copies, copy],
      ] as const) {
        const [index, tarball] = [await wire.get(name), await wire.tarball(name, '1.0.0')]
        if (known !== 'unknown') assert.equal(tarball.status, known === 'there' ? 200 : 404, `${name} is not ${known}`)
        const listed = index.status === 200 && Object.hasOwn(index.json()['versions'] as object, '1.0.0')
        assert.equal(tarball.status, listed ? 200 : 404, `the index of ${name} tells something else`)
        if (listed) assert.ok(tarball.bytes.equals(bytes), `${name} has other bytes`)
      }
    }
    for (const name of this.ingested) assert.equal((await main.tarball(name, '1.0.0')).status, 200, name)
  }
}

testOnEachSetup('whenever it is killed, nothing acknowledged is lost and no index lies', {}, async (t, setup) => {
  t.diagnostic(`PACKYARD_TEST_SEED=${seed}`)
  const random = randomOf(seed)
  const upstream = await startUpstream(t, {
    npm: publicNames.map((name) => ({ name, version: '1.0.0', noiseBytes: 300_000 })),
  })
  const env = { PACKYARD_GC_GRACE_SECONDS: '0', PACKYARD_LOG_LEVEL: 'info' }
  const yard = await setup.start({ connections: { 'public:npmjs': upstream.url }, processes: 1, env })
  await yard.createRepository('copies', [])
  const token = await yard.token()
  const wireOf = async (repository: string) => new NpmWire(await yard.endpoint(repository), token)
  const [main, copies] = [await wireOf('main'), await wireOf('copies')]
  const torture = new Torture(yard, random)
  const databaseUrl = yard.serverEnv['PACKYARD_DATABASE_URL']
  const starts: number[] = []
  const deadline = performance.now() + seconds * 1000

  while (starts.length < 3 || performance.now() < deadline) {
    const metadata = await (databaseUrl === undefined
      ? openSqlite({ file: join(yard.dataDir, 'packyard.db') })
      : openPostgres({ url: databaseUrl }))
    let isDead = false
    const failures: unknown[] = []
    const workers = Array.from({ length: workersAtOnce }, async () => {
      while (!isDead) {
        await torture.act(main, metadata).catch((error: unknown) => {
          if (error instanceof assert.AssertionError) failures.push(error)
        })
      }
    })
    await sleep(50 + random() * 1_500)
    await yard.kill9()
    isDead = true
    await Promise.all(workers)
    await metadata.close()
    assert.deepEqual(failures, [])
    await yard.server.start()
    starts.push(yard.server.readyAfterMs)
  }

  await torture.check(main, copies)
  const options = { cwd: yard.folder, env: yard.serverEnv }
  const verified = await runWell(process.execPath, [mainProgram, 'verify', '--from-start', '--output', 'json'], options)
  const report = JSON.parse(verified.stdout) as Record<string, number>
  assert.deepEqual([report['missingBlobs'], report['damagedBlobs']], [0, 0])
  const ordinary: number[] = []
  for (let count = 0; count < 3; count++) {
    await yard.restart()
    ordinary.push(yard.server.readyAfterMs)
  }
  t.diagnostic(
    `${starts.length} kills, ${torture.versions.size} publishes, ready after ${medianOf(starts).toFixed(0)} ms, ` +
      `at most ${Math.max(...starts).toFixed(0)} ms; after a stop in good order ${medianOf(ordinary).toFixed(0)} ms`,
  )
  // Where a machine is so slow that an ordinary start takes as long, recovery may still cost next to nothing.
  assert.ok(medianOf(starts) < Math.max(startMsMax, 1.5 * medianOf(ordinary)), 'a start after a kill takes too long')
})

function medianOf(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0
}
