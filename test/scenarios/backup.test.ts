import assert from 'node:assert/strict'
import { copyFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { NpmWire } from '../support/npm-wire.ts'
import { type Packyard, startPackyard } from '../support/packyard.ts'
import { type Run, run, runWell } from '../support/processes.ts'
import { mainProgram } from '../support/server-process.ts'
import { newBucket } from '../support/s3.ts'
import { testOnEachSetup, withPostgres } from '../support/setups.ts'
import { startUpstream } from '../support/upstream.ts'

type Env = Readonly<Record<string, string>>

function packyard(yard: Packyard, args: readonly string[], env: Env = {}): Promise<Run> {
  return runWell(process.execPath, [mainProgram, ...args], { cwd: yard.folder, env: { ...yard.serverEnv, ...env } })
}

async function figures(yard: Packyard, args: readonly string[], env: Env = {}): Promise<Record<string, unknown>> {
  return JSON.parse((await packyard(yard, [...args, '--output', 'json'], env)).stdout) as Record<string, unknown>
}

async function refused(yard: Packyard, args: readonly string[], env: Env = {}): Promise<string> {
  const result = await run(process.execPath, [mainProgram, ...args], {
    cwd: yard.folder,
    env: { ...yard.serverEnv, ...env },
  })
  assert.equal(result.code, 1, result.output)
  return result.stderr
}

async function wireOf(yard: Packyard): Promise<NpmWire> {
  return new NpmWire(await yard.endpoint('main'), await yard.token())
}

testOnEachSetup('backup, wipe, restore, verify, install', {}, async (t, setup) => {
  const upstream = await startUpstream(t, { npm: ['tiny@1.3.0'] })
  const yard = await setup.start({ connections: { 'public:npmjs': upstream.url } })
  const wire = await wireOf(yard)
  assert.equal((await wire.publish('own@1.0.0')).status, 201)
  assert.equal((await wire.tarball('tiny', '1.3.0')).status, 200)
  const bundle = join(yard.folder, 'bundle')

  await t.test('the first takes everything, the next what is new, while the server serves', async () => {
    const first = await figures(yard, ['backup', bundle])
    assert.deepEqual([first['blobs'], first['newBlobs']], [2, 2])
    assert.equal((await wire.publish({ name: 'own', version: '1.1.0', noiseBytes: 600_000 })).status, 201)
    const second = await figures(yard, ['backup', bundle, '--check', 'all'])
    assert.deepEqual([second['blobs'], second['newBlobs']], [3, 1])
    assert.ok(Number(second['newBlobBytes']) > 600_000)
  })

  const bytes = (await wire.tarball('own', '1.1.0')).bytes
  const key = join(yard.folder, 'kept.key')
  await copyFile(join(yard.dataDir, 'keys', 'backup.key'), key)
  await yard.stop()
  await rm(yard.dataDir, { recursive: true })

  await withPostgres(t, async (databaseUrl) => {
    const target: Env =
      yard.serverEnv['PACKYARD_DATABASE_URL'] === undefined ? {} : { PACKYARD_DATABASE_URL: databaseUrl }
    const bucket = yard.serverEnv['PACKYARD_BLOB_URL'] === undefined ? undefined : await newBucket(t)
    if (bucket !== undefined) Object.assign(target, { PACKYARD_BLOB_URL: bucket })
    const restore = ['restore', bundle, '--key-file', key]

    await t.test('a damaged or foreign one is refused before anything is touched', async () => {
      const [folder = ''] = await readdir(join(bundle, 'blobs'))
      const [name = ''] = await readdir(join(bundle, 'blobs', folder))
      const blob = join(bundle, 'blobs', folder, name)
      await copyFile(blob, join(yard.folder, 'aside'))
      const size = (await stat(blob)).size
      await writeFile(blob, 'X', { flag: 'r+' })
      assert.match(await refused(yard, restore, target), /is no file of a bundle/)
      await copyFile(join(yard.folder, 'aside'), blob)
      const flipped = Buffer.from([0])
      await writeFile(blob, flipped, { flag: 'a' })
      assert.match(await refused(yard, restore, target), /is damaged/)
      await copyFile(join(yard.folder, 'aside'), blob)
      assert.equal((await stat(blob)).size, size)
      const other = join(yard.folder, 'other.key')
      await writeFile(other, `${'ab'.repeat(32)}\n`, { mode: 0o600 })
      assert.match(await refused(yard, ['restore', bundle, '--key-file', other], target), /made with another key/)
      assert.deepEqual(
        (await readdir(yard.dataDir).catch((): string[] => [])).filter((entry) => !entry.startsWith('serve.lock')),
        [],
      )
    })

    await t.test('it comes back whole, and every client finds what it left', async () => {
      const restored = await figures(yard, restore, target)
      assert.equal(restored['blobs'], 3)
      const verified = await figures(yard, ['verify'], target)
      assert.deepEqual([verified['checkedBlobs'], verified['missingBlobs'], verified['damagedBlobs']], [3, 0, 0])
      assert.match(await refused(yard, restore, target), /is in use already/)
      await upstream.stop()
      await yard.server.startWith(target)
      await yard.readEnvironment()
      const again = await wireOf(yard)
      assert.ok((await again.tarball('own', '1.1.0')).bytes.equals(bytes))
      assert.equal((await again.tarball('tiny', '1.3.0')).status, 200)
      assert.equal((await wire.get('-/whoami')).status, 200, 'a token of before is still good')
      assert.equal((await again.publish('own@2.0.0')).status, 201)
      await yard.stop()
    })
  })
})

test('a backup of SQLite is restored into PostgreSQL', async (t) => {
  await withPostgres(t, async (databaseUrl) => {
    const yard = await startPackyard(t, { processes: 1 })
    assert.equal((await (await wireOf(yard)).publish('own@1.0.0')).status, 201)
    const bundle = join(yard.folder, 'bundle')
    await packyard(yard, ['backup', bundle])
    await yard.stop()
    const target = { PACKYARD_DATABASE_URL: databaseUrl }
    await packyard(yard, ['restore', bundle], target)
    await yard.server.startWith(target)
    assert.equal((await (await wireOf(yard)).tarball('own', '1.0.0')).status, 200)
  })
})

test('an installation moves from SQLite and disk to PostgreSQL and S3 in two steps', async (t) => {
  await withPostgres(t, async (databaseUrl) => {
    const yard = await startPackyard(t, { processes: 1 })
    const wire = await wireOf(yard)
    assert.equal((await wire.publish('own@1.0.0')).status, 201)
    const bucket = await newBucket(t)
    if (bucket === undefined) return
    const target = { PACKYARD_DATABASE_URL: databaseUrl, PACKYARD_BLOB_URL: bucket }
    const migrate = ['migrate', '--to', databaseUrl, '--to-blobs', bucket]
    const first = await figures(yard, migrate)
    assert.deepEqual([first['isFinished'], first['copiedBlobs']], [false, 1])
    assert.equal((await wire.publish('own@1.1.0')).status, 201)
    await yard.stop()
    assert.match(await refused(yard, ['serve'], target), /packyard migrate has not ended/)
    const last = await figures(yard, migrate)
    assert.deepEqual([last['isFinished'], last['blobs'], last['copiedBlobs']], [true, 2, 1])
    assert.match(await refused(yard, ['migrate', '--to', databaseUrl]), /is in use already/)
    await yard.server.startWith(target)
    assert.deepEqual(await yard.versions('main', 'own'), ['1.0.0 Published INTERNAL', '1.1.0 Published INTERNAL'])
    assert.equal((await (await wireOf(yard)).tarball('own', '1.1.0')).status, 200)
  })
})

test('a second server on one SQLite folder is refused, and one after a kill is not', async (t) => {
  const yard = await startPackyard(t)
  const message = await refused(yard, ['serve'], { PACKYARD_PORT: '0' })
  assert.match(message, /another packyard serve runs on .*: for more processes set PACKYARD_PROCESSES/)
  await yard.kill9()
  await yard.server.start()
})
