import assert from 'node:assert/strict'
import { testOnEachDatabase } from '../../../test/support/each-registry.ts'
import { EventBed } from '../../../test/support/event-bed.ts'
import { startPlainServer } from '../../../test/support/plain-server.ts'
import { until } from '../../../test/support/processes.ts'
import { account, domain, type TestRegistry } from '../../../test/support/registry.ts'
import { type ReceivedMessage, startWebhook } from '../../../test/support/webhook-receiver.ts'
import { replayDeadLetters } from '../../journal/bus/dead-letters.ts'
import { recordVersionEvent } from '../../journal/events.ts'
import { forgetOldFacts } from '../../journal/trail/forget.ts'

const DAY_MS = 86_400_000

interface Detail {
  readonly packageName: string
  readonly packageVersion: string
  readonly sequenceNumber: number
}

function detailOf({ body }: ReceivedMessage): Detail {
  return (JSON.parse(body) as { detail: Detail }).detail
}

async function open(registry: TestRegistry): Promise<EventBed> {
  await registry.setUp('main')
  return new EventBed(registry)
}

testOnEachDatabase('a webhook that answers 500 for a day is tried ever later, then given up', async (t, openOne) => {
  const bed = await open(await openOne())
  const { registry } = bed
  let status = 500
  const webhook = await startWebhook(t, () => status)
  await bed.sendTo({ name: 'builds', url: webhook.url })
  await registry.publish('main', 'lib', '1.0.0')
  const running = bed.start(t, 1)
  const startedAt = registry.now
  const waits: number[] = []
  let [row] = await bed.settle(running)
  while (row?.due_at) {
    waits.push(row.due_at - registry.now)
    assert.match(row.last_error ?? '', /webhook answered 500/)
    registry.now = row.due_at
    row = (await bed.settle(running))[0]
  }
  assert.deepEqual(
    waits.slice(0, 11),
    [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600].map((seconds) => seconds * 1000),
  )
  assert.ok(waits.slice(10).every((wait) => wait === 600_000))
  const lastedMs = registry.now - startedAt
  assert.ok(lastedMs >= DAY_MS && lastedMs < DAY_MS + 600_000, `given up after ${lastedMs} ms`)
  assert.deepEqual([row?.state, row?.failed_at, row?.attempts], ['dead', registry.now, webhook.requests.length])

  status = 200
  const [replayed] = await replayDeadLetters(registry.parts.metadata, { rule: 'builds' }, registry.now)
  assert.equal(replayed?.id, row?.id)
  assert.deepEqual(await bed.settle(running), [])
  const taken = webhook.taken()
  assert.deepEqual(
    taken.map(detailOf).map(({ packageName }) => packageName),
    ['lib'],
  )
  const ids = new Set(webhook.requests.map(({ headers }) => headers['webhook-id']))
  assert.equal(ids.size, 1, 'every attempt carries the same id')
  assert.deepEqual(bed.failures, [])
  assert.deepEqual([bed.ends.at(-2), bed.ends.at(-1)], ['dead', 'delivered'])
  assert.equal(bed.ends.filter((end) => end === 'retried').length, waits.length)
})

testOnEachDatabase(
  'a target says how often and for how long, 410 is final, and Retry-After is heeded',
  async (t, openOne) => {
    const bed = await open(await openOne())
    const failing = await startWebhook(t, () => 500)
    const gone = await startWebhook(t, () => 410)
    const busy = await startWebhook(t, (_message, response) => {
      response.setHeader('retry-after', '300')
      return 429
    })
    await bed.sendTo({ name: 'twice', url: failing.url, settings: { RetryPolicy: { MaximumRetryAttempts: 2 } } })
    await bed.sendTo({ name: 'hour', url: failing.url, settings: { RetryPolicy: { MaximumEventAgeInSeconds: 3600 } } })
    await bed.sendTo({ name: 'gone', url: gone.url })
    await bed.sendTo({ name: 'busy', url: busy.url })
    await bed.registry.publish('main', 'lib', '1.0.0')
    const running = bed.start(t)
    const startedAt = bed.registry.now
    const byTarget = new Map((await bed.settle(running)).map((row) => [row.target_key, row]))
    assert.equal(byTarget.get('gone-target')?.state, 'dead')
    assert.equal(byTarget.get('busy-target')?.due_at, startedAt + 300_000)
    const failedAt = async (key: string) => {
      for (;;) {
        const row = (await bed.settle(running)).find(({ target_key: target }) => target === key)
        if (!row?.due_at) return row
        bed.registry.now = row.due_at
      }
    }
    const twice = await failedAt('twice-target')
    assert.deepEqual([twice?.state, twice?.attempts], ['dead', 3])
    const hour = await failedAt('hour-target')
    assert.equal(hour?.state, 'dead')
    assert.ok((hour?.failed_at ?? 0) - startedAt >= 3_600_000)
    assert.equal(gone.requests.length, 1)
  },
)

testOnEachDatabase('what one version waits for holds up no other version, and comes first', async (t, openOne) => {
  const bed = await open(await openOne())
  const { registry } = bed
  let isSound = false
  const webhook = await startWebhook(t, (message) => {
    return isSound || detailOf({ ...message, status: 0 }).packageVersion !== '1.0.0' ? 200 : 500
  })
  await bed.sendTo({ name: 'builds', url: webhook.url })
  await registry.publish('main', 'lib', '1.0.0')
  await flood(registry, ['1.0.0', '1.0.1', '1.0.0'])
  const running = bed.start(t)
  const waiting = await bed.settle(running)
  assert.deepEqual(
    webhook
      .taken()
      .map(detailOf)
      .map(({ packageVersion }) => packageVersion),
    ['1.0.1'],
  )
  assert.deepEqual(
    waiting.map(({ attempts }) => attempts),
    [1, 0, 0],
    'those behind it were not tried',
  )
  isSound = true
  registry.now += 1000
  assert.deepEqual(await bed.settle(running), [])
  assert.deepEqual(
    webhook
      .taken()
      .slice(1)
      .map(detailOf)
      .map(({ sequenceNumber }) => sequenceNumber),
    [1, 2, 4],
  )
})

testOnEachDatabase('a redirect inward is not followed, nor is a name that points there', async (t, openOne) => {
  const bed = await open(await openOne())
  const inward = await startPlainServer(t, (_request, response) => response.end('secret'))
  const redirecting = await startWebhook(t, (_message, response) => {
    response.setHeader('location', inward.url.href)
    return 307
  })
  const settings = { RetryPolicy: { MaximumRetryAttempts: 0 } }
  await bed.sendTo({ name: 'redirecting', url: redirecting.url, settings })
  await bed.sendTo({ name: 'sound', url: redirecting.url.replace('127.0.0.1', 'localhost'), settings })
  await bed.registry.publish('main', 'lib', '1.0.0')
  const rows = await bed.settle(bed.start(t))
  assert.deepEqual(
    rows.map(({ state }) => state),
    ['dead', 'dead'],
  )
  assert.match(rows[0]?.last_error ?? '', /redirects/)
  assert.equal(inward.requests.length, 0)
})

testOnEachDatabase(
  'a flood waits for nobody: publishes go on, and every event comes once, in order',
  async (t, openOne) => {
    const bed = await open(await openOne())
    const { registry } = bed
    const sound = await startWebhook(t, () => 200)
    const hanging = await startWebhook(t, () => 'hang')
    await bed.sendTo({ name: 'hanging', url: hanging.url })
    await bed.sendTo({ name: 'sound', url: sound.url })
    await registry.publish('main', 'lib', '0.0.1')
    const count = 400
    await flood(
      registry,
      Array.from({ length: count }, (_, at) => `1.0.${at % 100}`),
    )
    const running = bed.start(t)
    const looking = running.look()
    for (let at = 0; at < 10; at++) {
      const startedAt = performance.now()
      await registry.publish('main', `own-${at}`, '1.0.0')
      const tookMs = performance.now() - startedAt
      assert.ok(tookMs < 3000, `a publish during the flood took ${tookMs} ms`)
    }
    await looking
    await running.look()
    const all = count + 11
    await until('all messages at the sound webhook', () => (sound.requests.length >= all ? true : undefined), 120_000)
    const lines = Map.groupBy(
      sound.taken().map(detailOf),
      ({ packageName, packageVersion }) => `${packageName} ${packageVersion}`,
    )
    assert.equal(lines.size, 111)
    for (const [line, seen] of lines) {
      const sequence = seen.map(({ sequenceNumber }) => sequenceNumber)
      assert.deepEqual(
        sequence,
        [...new Set(sequence)].toSorted((left, right) => left - right),
        line,
      )
    }
    await running.stop()
    const left = await bed.deliveries()
    assert.equal(left.length, all, 'what the hanging one did not take is there still')
    assert.ok(left.every(({ target_key: key, state }) => key === 'hanging-target' && state === 'pending'))
  },
)

testOnEachDatabase(
  'events that were routed are forgotten after a month, what has not arrived is not',
  async (t, openOne) => {
    const bed = await open(await openOne())
    const { registry } = bed
    const { metadata } = registry.parts
    const failing = await startWebhook(t, () => 410)
    await bed.sendTo({ name: 'failing', url: failing.url })
    await registry.publish('main', 'lib', '1.0.0')
    await bed.settle(bed.start(t))
    const counted = async () => (await metadata.db.selectFrom('events').select('id').execute()).length
    await forgetOldFacts(metadata, registry.now + 29 * DAY_MS, undefined)
    assert.equal(await counted(), 1)
    await forgetOldFacts(metadata, registry.now + 31 * DAY_MS, undefined)
    assert.equal(await counted(), 0)
    assert.deepEqual(
      (await bed.deliveries()).map(({ state }) => state),
      ['dead'],
    )
  },
)

/** Events of further versions of `lib`, as if each had been published. */
async function flood({ parts, now }: TestRegistry, versions: readonly string[]): Promise<void> {
  const { metadata, randomId, arns } = parts
  const row = await metadata.db.selectFrom('packages').select('id').where('name', '=', 'lib').executeTakeFirstOrThrow()
  await metadata.write(async (write) => {
    for (const version of versions) {
      await recordVersionEvent(
        write,
        { now, randomId, region: arns.region },
        {
          domain: { id: 'd', name: domain, owner: account },
          repository: { name: 'main', administratorAccount: account },
          packageId: row.id,
          packageArn: 'arn:aws:codeartifact:us-east-1:111122223333:package/acme/main/npm//lib',
          name: { format: 'npm', namespace: '', name: 'lib' },
          version,
          status: 'Published',
          revision: 'r',
          operation: 'Updated',
          changes: { assetsAdded: 0, assetsRemoved: 0, assetsUpdated: 0, metadataUpdated: true, statusChanged: false },
        },
      )
    }
  })
}
