import type { Selectable } from 'kysely'
import type { EventConnectionTable } from '../../storage/metadata/journal-tables.ts'
import type { Write } from '../../storage/metadata/metadata.ts'
import type { Database } from './rules.ts'

/** How secrets are kept; `access` has a keyring that does. */
export interface Seals {
  seal(secret: Uint8Array, purpose: string): Buffer
  open(sealed: Uint8Array, purpose: string): Buffer
}

/** How a webhook is told who calls. */
export interface EventConnection {
  readonly id: string
  readonly account: string
  readonly name: string
  readonly description: string | undefined
  readonly kind: ConnectionKind
  /** `AuthParameters` without secrets, as EventBridge answers them. */
  readonly shown: object
  readonly secrets: ConnectionSecrets
  readonly createdAt: number
  readonly updatedAt: number
}

/** Source: EventBridge API Reference, `ConnectionAuthorizationType`. */
export type ConnectionKind = 'API_KEY' | 'BASIC' | 'OAUTH_CLIENT_CREDENTIALS'

export interface ConnectionSecrets {
  /** Sent with every request. Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly oauth?: {
    readonly endpoint: string
    readonly method: 'GET' | 'POST' | 'PUT'
    readonly clientId: string
    readonly clientSecret: string
    /** Sent to the authorization endpoint besides, as its `scope` or `audience`. Names of headers in lower case. */
    readonly headers?: Readonly<Record<string, string>>
    readonly query?: Readonly<Record<string, string>>
    readonly body?: Readonly<Record<string, string>>
  }
  /** Newest first. */
  readonly signing: readonly SigningSecret[]
}

/** `whsec_` and Base64. Source: Standard Webhooks, "Signature scheme". */
export interface SigningSecret {
  readonly secret: string
  /** Until when it still signs, beside the newest one. Unit: ms since 1970. */
  readonly until?: number
}

const PURPOSE = 'event connection'

export async function putConnection({ tx }: Write, seals: Seals, connection: EventConnection): Promise<void> {
  const changed = {
    description: connection.description ?? null,
    kind: connection.kind,
    shown: JSON.stringify(connection.shown),
    secrets_sealed: seals.seal(Buffer.from(JSON.stringify(connection.secrets)), PURPOSE),
    updated_at: connection.updatedAt,
  }
  const { id, account: account_id, name, createdAt: created_at } = connection
  await tx
    .insertInto('event_connections')
    .values({ id, account_id, name, created_at, ...changed })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changed))
    .execute()
}

export async function findConnection(
  db: Database,
  seals: Seals,
  account: string,
  name: string,
): Promise<EventConnection | undefined> {
  const rows = db.selectFrom('event_connections').selectAll().where('account_id', '=', account)
  const row = await rows.where('name', '=', name).executeTakeFirst()
  return row && toConnection(row, seals)
}

export async function readConnection(db: Database, seals: Seals, id: string): Promise<EventConnection | undefined> {
  const row = await db.selectFrom('event_connections').selectAll().where('id', '=', id).executeTakeFirst()
  return row && toConnection(row, seals)
}

/** By name. */
export async function listConnections(
  db: Database,
  seals: Seals,
  { account, prefix = '', after = '', limit }: NameFilter,
): Promise<EventConnection[]> {
  const rows = db.selectFrom('event_connections').selectAll().where('account_id', '=', account)
  const named = rows.where('name', '>', after).where('name', '>=', prefix).where('name', '<', `${prefix}\u{10ffff}`)
  return (await named.orderBy('name').limit(limit).execute()).map((row) => toConnection(row, seals))
}

export interface NameFilter {
  readonly account: string
  readonly prefix?: string | undefined
  readonly after?: string | undefined
  readonly limit: number
}

/** Nothing may use it any more. */
export async function deleteConnection({ tx }: Write, id: string): Promise<void> {
  await tx.deleteFrom('event_connections').where('id', '=', id).execute()
}

export async function isConnectionUsed(db: Database, id: string): Promise<boolean> {
  const users = db.selectFrom('event_destinations').select('id').where('connection_id', '=', id)
  return (await users.limit(1).executeTakeFirst()) !== undefined
}

function toConnection(row: Selectable<EventConnectionTable>, seals: Seals): EventConnection {
  return {
    id: row.id,
    account: row.account_id,
    name: row.name,
    description: row.description ?? undefined,
    kind: row.kind as ConnectionKind,
    shown: JSON.parse(row.shown) as object,
    secrets: JSON.parse(seals.open(row.secrets_sealed, PURPOSE).toString()) as ConnectionSecrets,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
