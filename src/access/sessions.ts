import { createHash, timingSafeEqual } from 'node:crypto'
import type { Metadata } from '../storage/metadata/metadata.ts'
import { identityScope } from '../storage/metadata/scopes.ts'
import type { ArnContext } from './arns.ts'
import { createEpochCache } from './epoch-cache.ts'
import {
  createDocumentReader,
  type DocumentReader,
  readBearersPolicies,
  readBoundary,
  readManagedPolicy,
} from './grants.ts'
import { newSecretAccessKey, newTemporaryKeyId } from './identifiers.ts'
import { type Identity, readFoldedTags } from './identity.ts'
import type { Keyring, RandomBytes } from './keyring.ts'
import type { NamedPolicy } from './policy/document.ts'
import type { Grants, Principal } from './principal.ts'
import { TOKEN_SECONDS_MAX } from './token-limits.ts'

/** Sessions remembered; some kB each. Ours. */
const ENTRIES_MAX = 5_000
/** Unit: bytes. Ours; the service's tokens are longer, and nobody may rely on their length. */
const SESSION_TOKEN_BYTES = 96

/** Temporary credentials as their owner gets them, once. */
export interface NewSession {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  /** ms since 1970. */
  readonly expiresAt: number
}

export interface SessionTag {
  readonly key: string
  readonly value: string
}

/** What a session brings along besides whose it is; kept as JSON. */
export interface SessionFacts {
  /** Undefined: nothing narrows the session. */
  readonly policies?: { readonly inline: string | undefined; readonly arns: readonly string[] } | undefined
  readonly tags: readonly SessionTag[]
  /** Keys of those that go along when the session assumes another role. */
  readonly transitiveTagKeys?: readonly string[] | undefined
  readonly sourceIdentity?: string | undefined
  readonly provider?: string | undefined
}

export interface SessionDraft {
  readonly kind: 'role' | 'user' | 'federated'
  /** The role's id, or else the user's. */
  readonly entityId: string
  readonly accountId: string
  /** The session's, or the federated user's. */
  readonly name: string
  readonly facts: SessionFacts
  readonly durationSeconds: number
}

/** Temporary credentials that may sign. */
export interface SigningSession {
  readonly secretAccessKey: string
  readonly principal: Principal
  /** ms since 1970. */
  readonly expiresAt: number
  /** Whether this is the session's token. */
  isToken(sessionToken: string): boolean
}

/** Temporary credentials. */
export interface Sessions {
  create(draft: SessionDraft): Promise<NewSession>
  /** Also one that has ended, for as long as tokens made by it may live. Undefined when its user or role is gone. */
  find(accessKeyId: string): SigningSession | Promise<SigningSession | undefined>
}

export interface SessionParts {
  readonly metadata: Metadata
  readonly keyring: Keyring
  readonly identity: Pick<Identity, 'findUser'>
  readonly arns: Pick<ArnContext, 'partition'>
  /** Unit: ms since 1970. */
  readonly clock: () => number
  readonly randomBytes: RandomBytes
}

export function createSessionStore(parts: SessionParts): Sessions {
  const documents = createDocumentReader()
  const sessions = createEpochCache<SigningSession>(parts.metadata.epochs, identityScope, ENTRIES_MAX)
  return {
    create: (draft) => insertSession(parts, draft),
    find: (accessKeyId) => sessions.find(accessKeyId, () => readSession(parts, documents, accessKeyId)),
  }
}

async function insertSession(parts: SessionParts, draft: SessionDraft): Promise<NewSession> {
  const { randomBytes, keyring } = parts
  const accessKeyId = newTemporaryKeyId(randomBytes)
  const secretAccessKey = newSecretAccessKey(randomBytes)
  const sessionToken = randomBytes(SESSION_TOKEN_BYTES).toString('base64')
  const now = parts.clock()
  const expiresAt = now + draft.durationSeconds * 1000
  await parts.metadata.write(async ({ tx }) => {
    await tx
      .insertInto('sessions')
      .values({
        access_key_id: accessKeyId,
        kind: draft.kind,
        entity_id: draft.entityId,
        account_id: draft.accountId,
        name: draft.name,
        secret_sealed: keyring.seal(Buffer.from(secretAccessKey), sealPurpose(accessKeyId)),
        token_sha256: sha256(sessionToken).toString('hex'),
        facts: JSON.stringify(draft.facts),
        issued_at: now,
        expires_at: expiresAt,
      })
      .execute()
    await tx
      .deleteFrom('sessions')
      .where('expires_at', '<', now - TOKEN_SECONDS_MAX * 1000)
      .execute()
  })
  return { accessKeyId, secretAccessKey, sessionToken, expiresAt }
}

type SessionRow = NonNullable<Awaited<ReturnType<typeof readRow>>>

function readRow({ db }: Metadata, accessKeyId: string) {
  return db.selectFrom('sessions').selectAll().where('access_key_id', '=', accessKeyId).executeTakeFirst()
}

async function readSession(
  parts: SessionParts,
  documents: DocumentReader,
  accessKeyId: string,
): Promise<SigningSession | undefined> {
  const row = await readRow(parts.metadata, accessKeyId)
  if (!row) return undefined
  const principal = row.kind === 'role' ? await ofRole(parts, documents, row) : await ofUser(parts, documents, row)
  if (!principal) return undefined
  const secret = parts.keyring.open(row.secret_sealed, sealPurpose(accessKeyId))
  const digest = Buffer.from(row.token_sha256, 'hex')
  return {
    secretAccessKey: secret.toString(),
    principal,
    expiresAt: row.expires_at,
    isToken: (sessionToken) => timingSafeEqual(sha256(sessionToken), digest),
  }
}

async function ofRole(parts: SessionParts, documents: DocumentReader, row: SessionRow): Promise<Principal | undefined> {
  const { db } = parts.metadata
  const role = await db.selectFrom('roles').selectAll().where('role_id', '=', row.entity_id).executeTakeFirst()
  if (!role) return undefined
  const facts = JSON.parse(row.facts) as SessionFacts
  const { partition } = parts.arns
  const roleTags = await readFoldedTags(db, role.role_id)
  return {
    ...common(row, facts),
    kind: 'role-session',
    arn: `arn:${partition}:sts::${row.account_id}:assumed-role/${role.name}/${row.name}`,
    principalId: `${role.role_id}:${row.name}`,
    roleArn: `arn:${partition}:iam::${row.account_id}:role${role.path}${role.name}`,
    tags: new Map([...roleTags, ...facts.tags.map(({ key, value }) => [key.toLowerCase(), value] as const)]),
    grants: {
      identity: await readBearersPolicies(db, documents, [{ id: role.role_id, title: `role '${role.name}'` }]),
      boundary: await readBoundary(db, documents, role.permissions_boundary),
      session: await readSessionPolicies(parts, documents, facts),
    },
  }
}

/** The user's own session, or one of somebody whom the user vouches for. */
async function ofUser(parts: SessionParts, documents: DocumentReader, row: SessionRow): Promise<Principal | undefined> {
  const user = await parts.identity.findUser(row.entity_id)
  if (!user) return undefined
  const facts = JSON.parse(row.facts) as SessionFacts
  const isFederated = row.kind === 'federated'
  const session = await readSessionPolicies(parts, documents, facts)
  const grants: Grants = isFederated ? { ...user.grants, session: session ?? [] } : user.grants
  const ownKind = user.userId === user.accountId ? 'root' : 'user'
  return {
    ...common(row, facts),
    kind: isFederated ? 'federated-user' : ownKind,
    userName: isFederated ? row.name : user.name,
    arn: isFederated ? `arn:${parts.arns.partition}:sts::${row.account_id}:federated-user/${row.name}` : user.arn,
    principalId: isFederated ? `${row.account_id}:${row.name}` : user.userId,
    roleArn: undefined,
    tags: isFederated ? new Map(facts.tags.map(({ key, value }) => [key.toLowerCase(), value])) : user.tags,
    grants,
  }
}

function common(row: SessionRow, facts: SessionFacts) {
  return {
    accountId: row.account_id,
    userName: row.name,
    accessKeyId: row.access_key_id,
    session: {
      issuedAt: row.issued_at,
      expiresAt: row.expires_at,
      sourceIdentity: facts.sourceIdentity,
      provider: facts.provider,
      transitiveTags: transitiveTagsOf(facts),
    },
  }
}

/** Keys are compared without case. Source: IAM User Guide, "Chaining roles with session tags". */
function transitiveTagsOf({ tags, transitiveTagKeys = [] }: SessionFacts): readonly SessionTag[] {
  const keys = new Set(transitiveTagKeys.map((key) => key.toLowerCase()))
  return tags.filter(({ key }) => keys.has(key.toLowerCase()))
}

/** A policy that has gone away allows nothing any more. */
async function readSessionPolicies(
  { metadata }: SessionParts,
  documents: DocumentReader,
  { policies }: SessionFacts,
): Promise<readonly NamedPolicy[] | undefined> {
  if (!policies) return undefined
  const managed = await Promise.all(policies.arns.map((arn) => readManagedPolicy(metadata.db, documents, arn)))
  const inline =
    policies.inline === undefined ? [] : [{ name: 'the session policy', document: documents.read(policies.inline) }]
  return [...inline, ...managed.filter((policy) => policy !== undefined)]
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function sealPurpose(accessKeyId: string): string {
  return `secret of temporary key ${accessKeyId}`
}
