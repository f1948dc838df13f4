import { LRUCache } from 'lru-cache'
import type { Kysely } from 'kysely'
import type { Schema } from '../storage/metadata/schema.ts'
import { managedPolicies } from './managed-policies.ts'
import type { NamedPolicy, PolicyDocument } from './policy/document.ts'
import { parsePolicyDocument } from './policy/parse-document.ts'

/** Parsed documents remembered by their text; some kB each. Ours. */
const DOCUMENTS_MAX = 2_000

/** Reads stored documents, each text once. */
export interface DocumentReader {
  read(text: string): PolicyDocument
}

export function createDocumentReader(): DocumentReader {
  const known = new LRUCache<string, PolicyDocument>({ max: DOCUMENTS_MAX })
  return {
    read(text) {
      const document = known.get(text) ?? parsePolicyDocument(text, 'identity')
      known.set(text, document)
      return document
    },
  }
}

/** A user, a group or a role, as decisions name it: `user 'alice'`. */
export interface PolicyBearer {
  readonly id: string
  readonly title: string
}

/** Every policy of these bearers, inline and managed. */
export async function readBearersPolicies(
  db: Kysely<Schema>,
  documents: DocumentReader,
  bearers: readonly PolicyBearer[],
): Promise<NamedPolicy[]> {
  const ids = bearers.map(({ id }) => id)
  if (ids.length === 0) return []
  const titleOf = new Map(bearers.map(({ id, title }) => [id, title]))
  const inline = await db.selectFrom('inline_policies').selectAll().where('entity_id', 'in', ids).execute()
  const attached = await db
    .selectFrom('policy_attachments')
    .select('policy_arn')
    .where('entity_id', 'in', ids)
    .execute()
  const arns = [...new Set(attached.map((row) => row.policy_arn))]
  const managed = await Promise.all(arns.map((arn) => readManagedPolicy(db, documents, arn)))
  return [
    ...inline.map(({ entity_id, name, document }) => ({
      name: `inline policy '${name}' of ${titleOf.get(entity_id)}`,
      document: documents.read(document),
    })),
    ...managed.filter((policy) => policy !== undefined),
  ]
}

/** A managed policy's default version; undefined when there is no such policy. */
export async function readManagedPolicy(
  db: Kysely<Schema>,
  documents: DocumentReader,
  arn: string,
): Promise<NamedPolicy | undefined> {
  const shipped = managedPolicies.get(arn)
  if (shipped) return { name: arn, document: shipped.document }
  const key = parsePolicyArn(arn)
  if (!key) return undefined
  const row = await db
    .selectFrom('policies')
    .innerJoin('policy_versions', 'policy_versions.policy_id', 'policies.policy_id')
    .whereRef('policy_versions.version', '=', 'policies.default_version')
    .select('policy_versions.document')
    .where('account_id', '=', key.account)
    .where('path', '=', key.path)
    .where('name', '=', key.name)
    .executeTakeFirst()
  return row && { name: arn, document: documents.read(row.document) }
}

/** A boundary that has gone away allows nothing: a limit must not vanish with its policy. */
export async function readBoundary(
  db: Kysely<Schema>,
  documents: DocumentReader,
  arn: string | null,
): Promise<NamedPolicy | undefined> {
  if (arn === null) return undefined
  return (await readManagedPolicy(db, documents, arn)) ?? { name: arn, document: { statements: [] } }
}

/** `arn:aws:iam::{account}:policy{path}{name}` */
export function parsePolicyArn(arn: string): { account: string; path: string; name: string } | undefined {
  const [, account, path, name] = /^arn:[\w-]+:iam::(\d{12}):policy(\/(?:[^/\s]+\/)*)([^/\s]+)$/.exec(arn) ?? []
  return account === undefined || path === undefined || name === undefined ? undefined : { account, path, name }
}
