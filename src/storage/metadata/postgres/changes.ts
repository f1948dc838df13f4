import { setTimeout as sleep } from 'node:timers/promises'

import { sql, type Transaction } from 'kysely'
import type pg from 'pg'

import { BackOff } from '../../back-off.ts'
import { EpochCounters, slotOf } from '../epoch-counters.ts'
import type { Epochs } from '../metadata.ts'
import type { Schema } from '../schema.ts'
import { CHANNEL, parseAnnouncement, renderParts } from './notifications.ts'

/** How often changes are looked up, in case a notification was lost. Unit: ms. Ours. */
const POLL_EVERY_MS = 500
/** How long a change stays written down for other processes to learn of. Unit: ms. Ours. */
const CHANGE_KEPT_MS = 3_600_000
/** After such a pause between two polls changes may have been removed unread, as when the machine slept. Unit: ms. */
const PAUSE_MAX_MS = CHANGE_KEPT_MS / 2
/** Old changes are looked for once in so many polls (10 minutes), among so many of the oldest rows. */
const PRUNE_EVERY_POLLS = 1_200
const PRUNE_ROWS = 10_000

/** What an announcement in a transaction is waiting to hear. */
export interface Announced {
  readonly xid: string
  committed(): void
  /** Nobody can say yet whether it committed. */
  unknown(): void
}

export interface ChangesSettings {
  /** Opens the connection that listens; again whenever it is lost. */
  readonly connect: () => Promise<pg.Client>
  readonly clock: () => number
  readonly random: () => number
}

/**
 * What changed, learnt from notifications, and from the `changes` table in case one is lost.
 *
 * A poll finds everything: it reads the rows of all transactions that had not ended when the poll before it took its
 * snapshot (their ids are not below that snapshot's `xmin`), so neither the order of commits nor a long transaction
 * hides a row. The transactions already taken in are remembered for as long as a poll may still meet them.
 */
export class PostgresChanges implements Epochs {
  readonly #counters = new EpochCounters()
  readonly #seen = new Set<string>()
  readonly #settings: ChangesSettings
  readonly #closing = new AbortController()
  readonly #running: Promise<void>
  #horizon = '0'
  #polledAt = 0

  private constructor(settings: ChangesSettings, client: pg.Client, horizon: string) {
    this.#settings = settings
    this.#horizon = horizon
    this.#polledAt = settings.clock()
    this.#running = this.#run(client)
  }

  static async start(settings: ChangesSettings, client: pg.Client): Promise<PostgresChanges> {
    return new PostgresChanges(settings, client, await listen(client))
  }

  of(scope: string): number {
    return this.#counters.of(scope)
  }

  slotOf(scope: string): number {
    return slotOf(scope)
  }

  at(slot: number): number {
    return this.#counters.at(slot)
  }

  /** Nothing to do: news comes by itself. */
  refresh(): void {}

  /** Writes the scopes down in their transaction and sends them to everybody when it commits. */
  async announce(tx: Transaction<Schema>, scopes: readonly string[], now: number): Promise<Announced> {
    const { rows } = await sql<{ xid: string }>`
      with written as (
        insert into changes (scope, created_at) select scope, ${now} from unnest(${scopes}::text[]) as scope
      )
      select pg_current_xact_id()::text as xid, pg_notify(${CHANNEL}, pg_current_xact_id()::text || ' ' || part)
      from unnest(${renderParts(scopes)}::text[]) as part`.execute(tx)
    const xid = rows[0]?.xid ?? ''
    this.#seen.add(xid)
    const bump = () => scopes.forEach((scope) => this.#counters.bump(scope))
    return {
      xid,
      committed: bump,
      unknown: () => {
        this.#seen.delete(xid)
        bump()
      },
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#running
  }

  async #run(first: pg.Client): Promise<void> {
    for (let client: pg.Client | undefined = first; client !== undefined; client = await this.#reconnect()) {
      client.on('notification', ({ payload }) => this.#hear(payload ?? ''))
      await this.#pollWhileConnected(client)
      await client.end().catch(() => {})
    }
  }

  async #pollWhileConnected(client: pg.Client): Promise<void> {
    const { signal } = this.#closing
    try {
      for (let polls = 1; !signal.aborted; polls++) {
        await sleep(POLL_EVERY_MS, undefined, { signal, ref: false })
        await this.#poll(client)
        if (polls % PRUNE_EVERY_POLLS === 0) await prune(client, this.#settings.clock() - CHANGE_KEPT_MS)
      }
    } catch {
      // Closing, or the connection is lost: whoever called tells the two apart.
    }
  }

  async #reconnect(): Promise<pg.Client | undefined> {
    const { signal } = this.#closing
    const backOff = new BackOff({ shortestMs: 20, longestMs: 500 }, this.#settings.random)
    while (!signal.aborted) {
      const client = await this.#settings.connect().catch(() => undefined)
      const horizon = client === undefined ? undefined : await listen(client).catch(() => undefined)
      if (client !== undefined && horizon !== undefined) {
        this.#forgetEverything(horizon)
        return client
      }
      await client?.end().catch(() => {})
      await backOff.wait(signal).catch(() => {})
    }
    return undefined
  }

  #forgetEverything(horizon: string): void {
    this.#horizon = horizon
    this.#polledAt = this.#settings.clock()
    this.#counters.bumpAll()
  }

  #hear(payload: string): void {
    const announcement = parseAnnouncement(payload)
    if (announcement === undefined || this.#seen.has(announcement.xid)) return
    if (announcement.isLast) this.#seen.add(announcement.xid)
    for (const scope of announcement.scopes) this.#counters.bump(scope)
  }

  async #poll(client: pg.Client): Promise<void> {
    const now = this.#settings.clock()
    const { rows } = await client.query<{ xmin: string; xid: string | null; scope: string | null }>({
      name: 'poll',
      text: `select pg_snapshot_xmin(pg_current_snapshot())::text as xmin, changes.xid::text as xid, changes.scope
        from (select 1) as always left join changes on changes.xid >= $1::xid8`,
      values: [this.#horizon],
    })
    const news = rows.filter((row) => row.xid !== null && !this.#seen.has(row.xid))
    for (const { xid, scope } of news) {
      this.#seen.add(xid ?? '')
      this.#counters.bump(scope ?? '')
    }
    if (now - this.#polledAt > PAUSE_MAX_MS) this.#counters.bumpAll()
    this.#advance(rows[0]?.xmin ?? this.#horizon, now)
  }

  #advance(horizon: string, now: number): void {
    this.#polledAt = now
    this.#horizon = horizon
    const oldest = BigInt(horizon)
    for (const xid of this.#seen) if (BigInt(xid) < oldest) this.#seen.delete(xid)
  }
}

/** From here on notifications arrive; the answer is the oldest transaction that had not ended. */
async function listen(client: pg.Client): Promise<string> {
  await client.query(`listen ${CHANNEL}`)
  const { rows } = await client.query<{ xmin: string }>('select pg_snapshot_xmin(pg_current_snapshot())::text as xmin')
  return rows[0]?.xmin ?? '0'
}

async function prune(client: pg.Client, before: number): Promise<void> {
  await client.query(
    `delete from changes where sequence in (
      select sequence from (select sequence, created_at from changes order by sequence limit ${PRUNE_ROWS}) as oldest
      where created_at < $1)`,
    [before],
  )
}
