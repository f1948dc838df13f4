import type { Database } from '../journal/bus/rules.ts'
import type { Json } from './job.ts'

/** Deliveries are counted no further than this, so that asking costs the same whatever waits. Ours. */
const DELIVERIES_COUNTED_MAX = 10_000

export interface JobFigures {
  readonly kind: string
  readonly state: string
  readonly count: number
  /** When one of them ended last. Unit: ms since 1970. */
  readonly endedAt: number | undefined
}

/** By kind and state, of the last thirty days. */
export async function readJobFigures(db: Database): Promise<JobFigures[]> {
  const rows = await db
    .selectFrom('jobs')
    .select([
      'kind',
      'state',
      (eb) => eb.fn.countAll<number>().as('count'),
      (eb) => eb.fn.max<number | null>('ended_at').as('ended_at'),
    ])
    .groupBy(['kind', 'state'])
    .execute()
  return rows.map(({ kind, state, count, ended_at: endedAt }) => {
    return { kind, state, count: Number(count), endedAt: endedAt === null ? undefined : Number(endedAt) }
  })
}

/** What came of the last job of this kind that was done. */
export async function readLastOutcome(db: Database, kind: string): Promise<Json | undefined> {
  const done = db.selectFrom('jobs').select('outcome').where('kind', '=', kind).where('state', '=', 'done')
  const row = await done.orderBy('ended_at', 'desc').limit(1).executeTakeFirst()
  return row?.outcome ? (JSON.parse(row.outcome) as Json) : undefined
}

export interface QueueFigures {
  /** At most `DELIVERIES_COUNTED_MAX` each. */
  readonly pending: number
  readonly dead: number
  /** Events that no process has looked at yet. */
  readonly unrouted: number
}

export async function readQueueFigures(db: Database): Promise<QueueFigures> {
  return {
    pending: await countDeliveries(db, 'pending'),
    dead: await countDeliveries(db, 'dead'),
    unrouted: await countUnrouted(db),
  }
}

async function countDeliveries(db: Database, state: 'pending' | 'dead'): Promise<number> {
  const rows = db.selectFrom('event_deliveries').select('id').where('state', '=', state).limit(DELIVERIES_COUNTED_MAX)
  const counted = db.selectFrom(rows.as('some')).select((eb) => eb.fn.countAll<number>().as('count'))
  return Number((await counted.executeTakeFirstOrThrow()).count)
}

async function countUnrouted(db: Database): Promise<number> {
  const rows = db.selectFrom('events').select('id').where('delivered_at', 'is', null).limit(DELIVERIES_COUNTED_MAX)
  const counted = db.selectFrom(rows.as('some')).select((eb) => eb.fn.countAll<number>().as('count'))
  return Number((await counted.executeTakeFirstOrThrow()).count)
}
