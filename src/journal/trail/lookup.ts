import type { Metadata } from '../../storage/metadata/metadata.ts'
import { parseSegment, SEGMENT } from './segment.ts'
import {
  accountsOf,
  type LookupAttribute,
  lookupKey,
  type TimedRecord,
  type TrailRecord,
  valuesOf,
} from './trail-record.ts'

export interface TrailQuestion {
  /** Undefined: of every account. */
  readonly account: string | undefined
  readonly by: { readonly attribute: LookupAttribute | 'EventId'; readonly value: string } | undefined
  /** Both included. Unit: ms since 1970. */
  readonly from: number
  readonly to: number
  readonly limit: number
  /** Only what comes after this one, which is older. */
  readonly after: TrailPosition | undefined
}

/** In the order of lookups, newest first. */
export interface TrailPosition {
  readonly at: number
  readonly id: string
}

/** Records that are not sealed yet, read at once; they are sealed within seconds. Ours. */
const UNSEALED_MAX = 5000
/** Segments read at once. Ours. */
const SEGMENTS_AT_ONCE = 8
/** How far an id's own time may be from its record's. Unit: ms. Ours. */
const ID_TOLERANCE_MS = 60_000

/** Newest first. Reads as many segments as it takes to fill a page. */
export async function lookUpTrail({ db }: Metadata, asked: TrailQuestion): Promise<TimedRecord[]> {
  const question = narrow(asked)
  if (!question) return []
  const found: TimedRecord[] = await readUnsealed({ db }, question)
  const upTo = Math.min(question.to, question.after?.at ?? Number.MAX_SAFE_INTEGER) + SEGMENT.spanMs
  for (let below: SegmentPlace | undefined = { lastAt: upTo + 1, id: '' }; below; ) {
    const places = await findSegments({ db }, question, below)
    const ids = places.map(({ id }) => id)
    const rows =
      ids.length === 0 ? [] : await db.selectFrom('audit_segments').select('body').where('id', 'in', ids).execute()
    for (const { body } of rows) found.push(...parseSegment(body).filter((each) => isMeant(each, question)))
    below = places.length < SEGMENTS_AT_ONCE ? undefined : places.at(-1)
    const isComplete = (at: number) => below === undefined || at > below.lastAt
    if (found.filter(({ at }) => isComplete(at)).length >= question.limit) break
  }
  // What was sealed meanwhile has been read twice.
  const distinct = new Map(found.map((each) => [each.record.eventID, each]))
  return [...distinct.values()].toSorted(newestFirst).slice(0, question.limit)
}

/** An id of ours tells its time; of another kind there is none. */
function narrow(question: TrailQuestion): TrailQuestion | undefined {
  if (question.by?.attribute !== 'EventId') return question
  const hex = question.by.value.replaceAll('-', '')
  if (!/^[0-9a-f]{12}7[0-9a-f]{19}$/.test(hex)) return undefined
  const at = Number.parseInt(hex.slice(0, 12), 16)
  const from = Math.max(question.from, at - ID_TOLERANCE_MS)
  return { ...question, from, to: Math.min(question.to, at + ID_TOLERANCE_MS) }
}

interface SegmentPlace {
  readonly lastAt: number
  readonly id: string
}

async function findSegments(
  { db }: Pick<Metadata, 'db'>,
  { account, by, from }: TrailQuestion,
  below: SegmentPlace,
): Promise<SegmentPlace[]> {
  const isAny = by === undefined || by.attribute === 'EventId'
  if (account === undefined && isAny) {
    const all = db.selectFrom('audit_segments').select(['id', 'last_at']).where('last_at', '>=', from)
    const rows = await all
      .where((eb) =>
        eb.or([eb('last_at', '<', below.lastAt), eb.and([eb('last_at', '=', below.lastAt), eb('id', '<', below.id)])]),
      )
      .orderBy('last_at', 'desc')
      .orderBy('id', 'desc')
      .limit(SEGMENTS_AT_ONCE)
      .execute()
    return rows.map(({ id, last_at: lastAt }) => ({ id, lastAt }))
  }
  const key = isAny ? lookupKey('any', '') : lookupKey(by.attribute as LookupAttribute, by.value)
  let keys = db.selectFrom('audit_segment_keys').select(['segment_id', 'last_at']).distinct().where('key', '=', key)
  keys =
    account === undefined
      ? keys.where('account_id', 'in', db.selectFrom('accounts').select('id'))
      : keys.where('account_id', '=', account)
  const rows = await keys
    .where('last_at', '>=', from)
    .where((eb) =>
      eb.or([
        eb('last_at', '<', below.lastAt),
        eb.and([eb('last_at', '=', below.lastAt), eb('segment_id', '<', below.id)]),
      ]),
    )
    .orderBy('last_at', 'desc')
    .orderBy('segment_id', 'desc')
    .limit(SEGMENTS_AT_ONCE)
    .execute()
  return rows.map(({ segment_id: id, last_at: lastAt }) => ({ id, lastAt }))
}

async function readUnsealed({ db }: Pick<Metadata, 'db'>, question: TrailQuestion): Promise<TimedRecord[]> {
  const rows = await db
    .selectFrom('audit_records')
    .select(['body', 'created_at'])
    .where('created_at', '>=', question.from)
    .where('created_at', '<=', question.to)
    .orderBy('created_at', 'desc')
    .limit(UNSEALED_MAX)
    .execute()
  const records = rows.map(({ created_at: at, body }) => ({ at, record: JSON.parse(body) as TrailRecord }))
  return records.filter((each) => isMeant(each, question))
}

function isMeant({ at, record }: TimedRecord, { account, by, from, to, after }: TrailQuestion): boolean {
  if (at < from || at > to) return false
  if (after && newestFirst({ at, record }, { at: after.at, record: { eventID: after.id } }) <= 0) return false
  if (account !== undefined && !accountsOf(record).includes(account)) return false
  if (by === undefined) return true
  return by.attribute === 'EventId' ? record.eventID === by.value : valuesOf(record, by.attribute).includes(by.value)
}

interface Placed {
  readonly at: number
  readonly record: Pick<TrailRecord, 'eventID'>
}

function newestFirst(left: Placed, right: Placed): number {
  if (left.at !== right.at) return right.at - left.at
  if (left.record.eventID === right.record.eventID) return 0
  return left.record.eventID < right.record.eventID ? 1 : -1
}
