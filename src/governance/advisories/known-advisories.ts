import { type Kysely, sql } from 'kysely'
import {
  type Advisory,
  type AdvisoryBook,
  type AdvisorySubject,
  type KnownAdvisories,
  type SubjectAdvisories,
  subjectKey,
} from '../../registry/advisories.ts'
import type { FormatId } from '../../registry/names.ts'
import type { Metadata } from '../../storage/metadata/metadata.ts'
import type { Schema } from '../../storage/metadata/schema.ts'
import { advisoriesScope } from '../../storage/metadata/scopes.ts'

/** Packages asked for in one query, and rows read at once. Ours. */
const SUBJECTS_AT_ONCE = 200
const ROWS_AT_ONCE = 1000

/** What the feeds say, each in its last whole reading. */
export function createKnownAdvisories({ db, epochs }: Metadata): KnownAdvisories {
  const books = new Map<FormatId, { readonly epoch: number; readonly book: AdvisoryBook | undefined }>()
  return {
    find: (format, subjects) => findKnown(db, format, subjects),
    async covers(format) {
      return (await rowsOf(db, format).limit(1).executeTakeFirst()) !== undefined
    },
    async book(format) {
      const epoch = epochs.of(advisoriesScope)
      const known = books.get(format)
      if (known?.epoch === epoch) return known.book
      const changedAt = (await this.covers(format)) ? await lastImport(db) : undefined
      const book = changedAt === undefined ? undefined : { changedAt, list: () => listKnown(db, format) }
      books.set(format, { epoch, book })
      return book
    },
  }
}

async function lastImport(db: Kysely<Schema>): Promise<number | undefined> {
  const row = await db
    .selectFrom('advisory_feeds')
    .select(({ fn }) => fn.max('imported_at').as('at'))
    .executeTakeFirst()
  return row?.at ?? undefined
}

function rowsOf(db: Kysely<Schema>, format: FormatId) {
  return db
    .selectFrom('advisories as a')
    .innerJoin('advisory_feeds as f', (join) => {
      return join.onRef('f.id', '=', 'a.feed_id').onRef('f.generation', '=', 'a.generation')
    })
    .select(['a.namespace', 'a.name', 'a.body'])
    .where('a.format', '=', format)
}

/** By `subjectKey`; subjects without any are left out. */
export async function findKnown(
  db: Kysely<Schema>,
  format: FormatId,
  subjects: readonly AdvisorySubject[],
): Promise<ReadonlyMap<string, readonly Advisory[]>> {
  const found = new Map<string, readonly Advisory[]>()
  for (let at = 0; at < subjects.length; at += SUBJECTS_AT_ONCE) {
    const asked = subjects.slice(at, at + SUBJECTS_AT_ONCE).map(({ namespace, name }) => sql`(${namespace}, ${name})`)
    const rows = await rowsOf(db, format)
      .where(sql<boolean>`(a.namespace, a.name) in (values ${sql.join(asked)})`)
      .execute()
    for (const [key, each] of Map.groupBy(rows, subjectKey)) found.set(key, readBodies(each))
  }
  return found
}

/** Every subject of a format, in the order of their names. */
export async function* listKnown(db: Kysely<Schema>, format: FormatId): AsyncGenerator<SubjectAdvisories> {
  let after: AdvisorySubject = { namespace: '', name: '' }
  for (;;) {
    const rows = await rowsOf(db, format)
      .where(sql<boolean>`(a.namespace, a.name) > (${after.namespace}, ${after.name})`)
      .orderBy('a.namespace')
      .orderBy('a.name')
      .limit(ROWS_AT_ONCE)
      .execute()
    const last = rows.at(-1)
    if (!last) return
    // The last of a full page may have more on the next: it is read again, whole.
    const isWhole = rows.length < ROWS_AT_ONCE
    const whole = isWhole ? rows : rows.filter((row) => subjectKey(row) !== subjectKey(last))
    const complete = whole.length > 0 ? whole : await rowsOn(db, format, last)
    yield* group(complete)
    const end = complete.at(-1) ?? last
    after = { namespace: end.namespace, name: end.name }
  }
}

function rowsOn(db: Kysely<Schema>, format: FormatId, { namespace, name }: AdvisorySubject) {
  return rowsOf(db, format).where('a.namespace', '=', namespace).where('a.name', '=', name).execute()
}

type Row = AdvisorySubject & { readonly body: string }

function* group(rows: readonly Row[]): Generator<SubjectAdvisories> {
  for (const each of Map.groupBy(rows, subjectKey).values()) {
    const [{ namespace, name } = { namespace: '', name: '' }] = each
    yield { subject: { namespace, name }, advisories: readBodies(each) }
  }
}

/** Two feeds may have the same: the newer one counts. */
function readBodies(rows: readonly Row[]): Advisory[] {
  const newest = new Map<string, Advisory>()
  for (const { body } of rows) {
    const advisory = JSON.parse(body) as Advisory
    const known = newest.get(advisory.id)
    if (!known || known.modifiedAt < advisory.modifiedAt) newest.set(advisory.id, advisory)
  }
  return [...newest.values()].toSorted((left, right) => (left.id < right.id ? -1 : 1))
}
