import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'

import { startPostgres } from '../../../../test/support/postgres.ts'
import { openPostgres } from './open.ts'

test('a commit whose answer is lost is looked up, and the work does not run again', async (t) => {
  const { metadata, runs, work, cut } = await behindCuttingProxy(t)
  if (metadata === undefined) return
  const before = metadata.epochs.of('scope')
  cut('after the server has it')
  assert.equal(await metadata.write(work), 'run 1')
  assert.equal(runs(), 1)
  assert.deepEqual(await metadata.db.selectFrom('accounts').select('id').execute(), [{ id: 'run 1' }])
  assert.notEqual(metadata.epochs.of('scope'), before)
})

test('a commit that never arrived undoes the work, which runs again', async (t) => {
  const { metadata, runs, work, cut } = await behindCuttingProxy(t)
  if (metadata === undefined) return
  cut('before the server has it')
  assert.equal(await metadata.write(work), 'run 2')
  assert.equal(runs(), 2)
  assert.deepEqual(await metadata.db.selectFrom('accounts').select('id').execute(), [{ id: 'run 2' }])
})

type Cut = 'after the server has it' | 'before the server has it'

async function behindCuttingProxy(t: TestContext) {
  const url = await startPostgres(t)
  const proxy = url === undefined ? undefined : await startProxy(t, new URL(url))
  const metadata = proxy === undefined ? undefined : await openPostgres({ url: proxy.url })
  t.after(async () => metadata?.close())
  let runs = 0
  const work: Parameters<NonNullable<typeof metadata>['write']>[0] = async ({ tx, touch }) => {
    runs += 1
    const id = `run ${runs}`
    await tx.insertInto('accounts').values({ id, name: 'n', created_at: 0 }).execute()
    touch('scope')
    return id
  }
  return { metadata, runs: () => runs, work, cut: (when: Cut) => proxy?.cut(when) }
}

/** Passes everything on, but for the next commit: there it cuts the connection. */
async function startProxy(t: TestContext, target: URL): Promise<{ url: string; cut(when: Cut): void }> {
  let next: Cut | undefined
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => {}))
    const cut = () => [client, upstream].forEach((socket) => socket.destroy())
    client.on('close', cut).on('data', (bytes) => {
      const when = bytes.includes('commit\0') ? next : undefined
      if (when === undefined) return upstream.write(bytes)
      next = undefined
      if (when === 'before the server has it') return cut()
      upstream.unpipe(client)
      upstream.once('data', cut).resume()
      return upstream.write(bytes)
    })
    upstream.on('close', cut).pipe(client)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const url = new URL(target)
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    cut: (when) => {
      next = when
    },
  }
}
