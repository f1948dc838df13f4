import type { Selectable } from 'kysely'
import type { EventDestinationTable } from '../../storage/metadata/journal-tables.ts'
import type { Write } from '../../storage/metadata/metadata.ts'
import type { NameFilter } from './connections.ts'
import type { Database } from './rules.ts'

/** A webhook: EventBridge calls it an API destination. */
export interface EventDestination {
  readonly id: string
  readonly account: string
  readonly name: string
  readonly description: string | undefined
  readonly connectionId: string
  readonly connectionName: string
  /** `*` stands for path parameters. */
  readonly endpoint: string
  readonly method: string
  /** Requests. */
  readonly perSecond: number
  readonly createdAt: number
  readonly updatedAt: number
}

export async function putDestination({ tx }: Write, destination: EventDestination): Promise<void> {
  const changed = {
    description: destination.description ?? null,
    connection_id: destination.connectionId,
    endpoint: destination.endpoint,
    method: destination.method,
    per_second: destination.perSecond,
    updated_at: destination.updatedAt,
  }
  const { id, account: account_id, name, createdAt: created_at } = destination
  await tx
    .insertInto('event_destinations')
    .values({ id, account_id, name, created_at, ...changed })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changed))
    .execute()
}

export async function findDestination(
  db: Database,
  account: string,
  name: string,
): Promise<EventDestination | undefined> {
  const row = await joined(db)
    .where('event_destinations.account_id', '=', account)
    .where('event_destinations.name', '=', name)
    .executeTakeFirst()
  return row && toDestination(row)
}

/** By name. */
export async function listDestinations(
  db: Database,
  { account, prefix = '', after = '', limit }: NameFilter,
  connectionId: string | undefined,
): Promise<EventDestination[]> {
  let rows = joined(db).where('event_destinations.account_id', '=', account)
  if (connectionId !== undefined) rows = rows.where('connection_id', '=', connectionId)
  const named = rows
    .where('event_destinations.name', '>', after)
    .where('event_destinations.name', '>=', prefix)
    .where('event_destinations.name', '<', `${prefix}\u{10ffff}`)
  return (await named.orderBy('event_destinations.name').limit(limit).execute()).map(toDestination)
}

export async function deleteDestination({ tx }: Write, id: string): Promise<void> {
  await tx.deleteFrom('event_destinations').where('id', '=', id).execute()
}

function joined(db: Database) {
  return db
    .selectFrom('event_destinations')
    .innerJoin('event_connections', 'event_connections.id', 'event_destinations.connection_id')
    .selectAll('event_destinations')
    .select('event_connections.name as connection_name')
}

function toDestination(row: Selectable<EventDestinationTable> & { connection_name: string }): EventDestination {
  return {
    id: row.id,
    account: row.account_id,
    name: row.name,
    description: row.description ?? undefined,
    connectionId: row.connection_id,
    connectionName: row.connection_name,
    endpoint: row.endpoint,
    method: row.method,
    perSecond: row.per_second,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
