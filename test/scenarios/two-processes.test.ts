import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NpmWire } from '../support/npm-wire.ts'
import { startPackyard } from '../support/packyard.ts'
import { openPostgres } from '../../src/storage/metadata/postgres/open.ts'
import { runWell, until } from '../support/processes.ts'
import { mainProgram } from '../support/server-process.ts'
import { withPostgres } from '../support/setups.ts'
import { startUpstream } from '../support/upstream.ts'

/** How soon one server sees what another one did. Unit: ms. */
const seenWithinMs = 1_000

test('two servers on one PostgreSQL and one folder of blobs are one registry', async (t) => {
  await withPostgres(t, async (databaseUrl) => {
    const upstream = await startUpstream(t, { npm: ['tiny@1.3.0'] })
    const here = await startPackyard(t, { databaseUrl, processes: 1, connections: { 'public:npmjs': upstream.url } })
    const there = await startPackyard(t, { beside: here })
    const token = await here.token()
    const [one, other] = [here, there].map(
      (yard) => new NpmWire(`${yard.url}/npm/d/packyard-000000000000/main/`, token),
    )
    assert.ok(one && other)

    await t.test('a token of one is good at the other', async () => {
      assert.equal((await other.get('-/whoami')).json().username, 'admin')
    })

    await t.test('a publish is seen, also by who has just read the index', async () => {
      assert.equal((await one.publish('shared@1.0.0')).status, 201)
      assert.deepEqual((await one.get('shared')).json()['dist-tags'], { latest: '1.0.0' })
      assert.equal((await other.publish('shared@1.1.0')).status, 201)
      const tags = await until(
        'the new version',
        async () => {
          const document = (await one.get('shared')).json()
          return Object.keys(document.versions as object).length === 2 ? document['dist-tags'] : undefined
        },
        seenWithinMs,
      )
      assert.deepEqual(tags, { latest: '1.1.0' })
      assert.equal((await one.tarball('shared', '1.1.0')).status, 200)
    })

    await t.test('so is a version that was taken away', async () => {
      const shared = '--domain packyard --repository main --format npm --package shared --versions 1.1.0'
      await here.aws(`codeartifact delete-package-versions ${shared}`)
      await until(
        'the version to go',
        async () => {
          return (await other.tarball('shared', '1.1.0')).status === 404 || undefined
        },
        seenWithinMs,
      )
    })

    await t.test('what changes in an upstream is seen downstream: at once here, within a second there', async () => {
      await here.createRepository('base', [])
      await here.createRepository('down', ['base'])
      const wireOf = (yard: typeof here, repository: string) =>
        new NpmWire(`${yard.url}/npm/d/packyard-000000000000/${repository}/`, token)
      const base = wireOf(here, 'base')
      const down = [wireOf(here, 'down'), wireOf(there, 'down')] as const
      const seen = async (wire: NpmWire) => {
        const reply = await wire.get('steps')
        return reply.status === 200 ? Object.keys(reply.json().versions as object).join(' ') : String(reply.status)
      }
      const isSeen = async (expected: string) => {
        assert.equal(await seen(down[0]), expected)
        const ask = async () => ((await seen(down[1])) === expected ? true : undefined)
        await until(`${expected} to be seen there`, ask, seenWithinMs)
      }
      const version = '--domain packyard --repository base --format npm --package steps'
      await isSeen('404')
      assert.equal((await base.publish('steps@1.0.0')).status, 201)
      await isSeen('1.0.0')
      assert.equal((await base.publish('steps@1.1.0')).status, 201)
      await isSeen('1.0.0 1.1.0')
      await here.aws(`codeartifact update-package-versions-status ${version} --versions 1.1.0 --target-status Archived`)
      await isSeen('1.0.0')
      await here.aws('codeartifact create-package-group --domain packyard --package-group /npm//steps$')
      await here.aws(
        'codeartifact update-package-group-origin-configuration --domain packyard --package-group /npm//steps$ ' +
          '--restrictions INTERNAL_UPSTREAM=BLOCK',
      )
      await isSeen('404')
      await here.aws('codeartifact delete-package-group --domain packyard --package-group /npm//steps$')
      await isSeen('1.0.0')
      await here.aws('codeartifact update-repository --domain packyard --repository down --upstreams')
      await isSeen('404')
    })

    await t.test('both at once fetch a tarball once', async () => {
      const replies = [one, other].flatMap((wire) => Array.from({ length: 10 }, () => wire.tarball('tiny', '1.3.0')))
      for (const reply of await Promise.all(replies)) assert.equal(reply.status, 200)
      assert.equal(upstream.count(upstream.tarballPath('tiny', '1.3.0')), 1)
    })

    await t.test('both at once ask for an index once', async () => {
      await upstream.add('cold@1.0.0')
      const replies = await Promise.all([one, other, one, other].map((wire) => wire.get('cold')))
      for (const reply of replies) assert.equal(reply.status, 200)
      assert.equal(upstream.count('/cold'), 1)
    })

    await t.test('a token that is taken back is refused by both', async () => {
      const taken = new NpmWire(`${there.url}/npm/d/packyard-000000000000/main/`, await here.token())
      assert.equal((await taken.get('-/whoami')).status, 200)
      await runWell(process.execPath, [mainProgram, 'token', 'revoke', '--domain', 'packyard'], {
        cwd: here.folder,
        env: here.serverEnv,
      })
      await until('the refusal', async () => (await taken.get('-/whoami')).status === 401 || undefined, seenWithinMs)
    })

    await t.test('they share the rates', async () => {
      await using metadata = await openPostgres({ url: databaseUrl })
      const rows = metadata.db.selectFrom('server_processes').select('id')
      await until('both to say that they serve', async () => (await rows.execute()).length >= 2 || undefined)
    })

    await t.test('one goes on when the other is killed', async () => {
      await there.kill9()
      const token = await here.token()
      const alone = new NpmWire(`${here.url}/npm/d/packyard-000000000000/main/`, token)
      assert.equal((await alone.publish('alone@1.0.0')).status, 201)
    })
  })
})
