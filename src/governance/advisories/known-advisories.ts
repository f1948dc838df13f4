import { sql } from 'kysely'
import {
  type Advisory,
  type AdvisorySubject,
  type KnownAdvisories,
  type SubjectAdvisories,
  subjectKey,
} from '../../registry/advisories.ts'
import type { FormatId } from '../../registry/names.ts'
import type { Metadata } from '../../storage/metadata/metadata.ts'
import { advisoriesScope } from '../../storage/metadata/scopes.ts'

/** Packages asked for in one query, and rows read at once. Ours. */
const SUBJECTS_AT_ONCE = 200
const ROWS_AT_ONCE = 1000

/** What the feeds say, each in its last whole reading. */
export function createKnownAdvisories({ db, epochs }: Metadata): KnownAdvisories {
  const rowsOf = (format: FormatId) =>
    db
      .selectFrom('advisories as a')
      .innerJoin('advisory_feeds as f', (join) => {
        return join.onRef('f.id', '=', 'a.feed_id').onRef('f.generation', '=', 'a.generation')
      })
      .select(['a.namespace', 'a.name', 'a.body'])
      .where('a.format', '=', format)
  return {
    async find(format, subjects) {
      const found = new Map<string, readonly Advisory[]>()
      for (let at = 0; at < subjects.length; at += SUBJECTS_AT_ONCE) {
        const asked = subjects
          .slice(at, at + SUBJECTS_AT_ONCE)
          .map(({ namespace, name }) => sql`(${namespace}, ${name})`)
        const rows = await rowsOf(format)
          .where(sql<boolean>`(a.namespace, a.name) in (values ${sql.join(asked)})`)
          .execute()
        for (const [key, each] of Map.groupBy(rows, subjectKey)) found.set(key, readBodies(each))
      }
      return found
    },
    async *list(format) {
      let after: AdvisorySubject = { namespace: '', name: '' }
      for (;;) {
        const rows = await rowsOf(format)
          .where(sql<boolean>`(a.namespace, a.name) > (${after.namespace}, ${after.name})`)
          .orderBy('a.namespace')
          .orderBy('a.name')
          .limit(ROWS_AT_ONCE)
          .execute()
        const last = rows.at(-1)
        if (!last) return
        // The last of a full page may have more on the next: it is read there again, whole.
        const whole = rows.length < ROWS_AT_ONCE ? rows : rows.filter((row) => subjectKey(row) !== subjectKey(last))
        const complete =
          whole.length > 0
            ? whole
            : await rowsOf(format).where('a.namespace', '=', last.namespace).where('a.name', '=', last.name).execute()
        yield* group(complete)
        const end = complete.at(-1) ?? last
        after = { namespace: end.namespace, name: end.name }
      }
    },
    async covers(format) {
      return (await rowsOf(format).limit(1).executeTakeFirst()) !== undefined
    },
    epoch: () => epochs.of(advisoriesScope),
  }
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
