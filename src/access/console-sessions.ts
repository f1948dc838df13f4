import { createHash } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { ConsoleSessionTable } from '../storage/metadata/identity-schema.ts'
import type { Metadata } from '../storage/metadata/metadata.ts'
import { identityScope } from '../storage/metadata/scopes.ts'
import { createEpochCache } from './epoch-cache.ts'
import type { Identity } from './identity.ts'
import type { RandomBytes } from './keyring.ts'
import type { Principal } from './principal.ts'
import type { Sessions } from './sessions.ts'

/** Unit: bytes. Ours: nobody guesses 256 bits. */
const TOKEN_BYTES = 32
/** How exactly the last use is written down. Unit: ms. Ours. */
const USE_MS = 60_000
/** Sessions remembered; some hundred bytes each. Ours. */
const ENTRIES_MAX = 2_000
/** Longest user agent that is kept. Unit: characters. Ours. */
const AGENT_MAX = 200

/** Somebody who is signed in to the console. Times are ms since 1970. */
export interface ConsoleSession {
  readonly sessionId: string
  readonly accessKeyId: string
  readonly accountId: string
  readonly principalArn: string
  readonly remoteAddress: string
  readonly userAgent: string
  readonly begunAt: number
  /** To the minute. */
  readonly usedAt: number
  readonly expiresAt: number
}

export interface FoundSession {
  readonly session: ConsoleSession
  readonly principal: Principal
}

export interface SessionStart {
  readonly principal: Principal
  /** By which the principal is found again: a user's own, or one of temporary credentials. */
  readonly accessKeyId: string
  /** The session ends with them. Unit: ms since 1970. */
  readonly credentialsExpireAt?: number | undefined
  readonly remoteAddress: string
  readonly userAgent: string
}

/** Sessions of the console: kept in the database by the hash of their token, known in every process. */
export interface ConsoleSessions {
  begin(start: SessionStart): Promise<{ readonly token: string; readonly session: ConsoleSession }>
  /** Undefined when there is none, it has ended, or its key may sign no more. Counts as a use. */
  find(token: string): Promise<FoundSession | undefined>
  /** The same question, which does not count as a use. */
  stands(token: string): Promise<boolean>
  /** In every process at once. Undefined when the account has no such session. */
  end(sessionId: string, accountId: string): Promise<ConsoleSession | undefined>
  /** Those that have not ended, latest first. */
  list(accountId: string, page: SessionPageRequest): Promise<SessionPage>
}

export interface SessionPageRequest {
  readonly size: number
  readonly after?: readonly (string | number)[]
}

export interface SessionPage {
  readonly items: readonly ConsoleSession[]
  readonly next: readonly [begunAt: number, sessionId: string] | undefined
}

export interface ConsoleSessionParts {
  readonly metadata: Metadata
  readonly identity: Pick<Identity, 'findAccessKey'>
  readonly sessions: Pick<Sessions, 'find'>
  /** Unit: ms since 1970. */
  readonly clock: () => number
  readonly randomId: () => string
  readonly randomBytes: RandomBytes
  /** How long a session stands that nobody uses, and how long at most. Unit: ms. */
  readonly idleMs: number
  readonly totalMs: number
}

type Row = Selectable<ConsoleSessionTable>
/** What a process knows of a session, its own uses included. */
type Known = { row: Row }

export function createConsoleSessions(parts: ConsoleSessionParts): ConsoleSessions {
  const { metadata, clock } = parts
  const known = createEpochCache<Known>(metadata.epochs, identityScope, ENTRIES_MAX)
  const look = async (token: string) => {
    const digest = sha256(token)
    const entry = await known.find(digest, async () => {
      const row = await readRow(metadata, digest)
      return row && { row }
    })
    const row = entry && (await standing(parts, digest, entry))
    const principal = row && (await principalOf(parts, row.access_key_id))
    return principal && { entry, row, principal }
  }
  return {
    begin: (start) => insertSession(parts, start),
    async find(token) {
      const found = await look(token)
      if (!found) return undefined
      await noteUse(parts, found.entry)
      return { session: toSession(found.row), principal: found.principal }
    },
    stands: async (token) => (await look(token)) !== undefined,
    async end(sessionId, accountId) {
      return metadata.write(async (write) => {
        const ended = write.tx.deleteFrom('console_sessions').where('session_id', '=', sessionId)
        const row = await ended.where('account_id', '=', accountId).returningAll().executeTakeFirst()
        write.touch(identityScope)
        return row && toSession(row)
      })
    },
    list: (accountId, page) => listSessions(parts, accountId, page, clock()),
  }
}

async function insertSession(parts: ConsoleSessionParts, start: SessionStart) {
  const token = parts.randomBytes(TOKEN_BYTES).toString('base64url')
  const now = parts.clock()
  const { principal, accessKeyId, credentialsExpireAt = Number.POSITIVE_INFINITY } = start
  const row: Row = {
    session_id: parts.randomId(),
    token_sha256: sha256(token),
    access_key_id: accessKeyId,
    account_id: principal.accountId,
    principal_arn: principal.arn,
    remote_address: start.remoteAddress,
    user_agent: start.userAgent.slice(0, AGENT_MAX),
    begun_at: now,
    used_at: now,
    expires_at: Math.min(now + parts.totalMs, credentialsExpireAt),
  }
  await parts.metadata.write(async ({ tx }) => {
    await tx.deleteFrom('console_sessions').where('expires_at', '<', now).execute()
    await tx.insertInto('console_sessions').values(row).execute()
  })
  return { token, session: toSession(row) }
}

/** Another process may have seen it used since: the database is asked again before it counts as forgotten. */
async function standing(parts: ConsoleSessionParts, digest: string, entry: Known): Promise<Row | undefined> {
  const now = parts.clock()
  if (now >= entry.row.expires_at) return undefined
  if (now - entry.row.used_at < parts.idleMs) return entry.row
  const row = await readRow(parts.metadata, digest)
  if (!row || now - row.used_at >= parts.idleMs) return undefined
  entry.row = row
  return row
}

/** Not on every request, and without making anybody forget what they know. */
async function noteUse({ metadata, clock }: ConsoleSessionParts, entry: Known): Promise<void> {
  const now = clock()
  if (now - entry.row.used_at < USE_MS) return
  entry.row = { ...entry.row, used_at: now }
  const { session_id: id } = entry.row
  await metadata.write(async ({ tx }) => {
    await tx.updateTable('console_sessions').set({ used_at: now }).where('session_id', '=', id).execute()
  })
}

/** A session is worth what its key is: one that is taken back, or whose user is gone, ends it at once. */
async function principalOf({ identity, sessions }: ConsoleSessionParts, accessKeyId: string) {
  const key = (await identity.findAccessKey(accessKeyId)) ?? (await sessions.find(accessKeyId))
  return key?.principal
}

function readRow({ db }: Metadata, digest: string): Promise<Row | undefined> {
  return db.selectFrom('console_sessions').selectAll().where('token_sha256', '=', digest).executeTakeFirst()
}

async function listSessions(
  { metadata: { db }, idleMs }: ConsoleSessionParts,
  accountId: string,
  { size, after }: SessionPageRequest,
  now: number,
): Promise<SessionPage> {
  const rows = await db
    .selectFrom('console_sessions')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('expires_at', '>', now)
    .where('used_at', '>', now - idleMs)
    .$if(after !== undefined, (query) => {
      const [begunAt = 0, id = ''] = after ?? []
      return query.where((eb) =>
        eb.or([
          eb('begun_at', '<', Number(begunAt)),
          eb.and([eb('begun_at', '=', Number(begunAt)), eb('session_id', '<', String(id))]),
        ]),
      )
    })
    .orderBy('begun_at', 'desc')
    .orderBy('session_id', 'desc')
    .limit(size + 1)
    .execute()
  const items = rows.slice(0, size).map(toSession)
  const last = items.at(-1)
  return { items, next: rows.length > size && last ? [last.begunAt, last.sessionId] : undefined }
}

function toSession(row: Row): ConsoleSession {
  return {
    sessionId: row.session_id,
    accessKeyId: row.access_key_id,
    accountId: row.account_id,
    principalArn: row.principal_arn,
    remoteAddress: row.remote_address,
    userAgent: row.user_agent,
    begunAt: row.begun_at,
    usedAt: row.used_at,
    expiresAt: row.expires_at,
  }
}

function sha256(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
