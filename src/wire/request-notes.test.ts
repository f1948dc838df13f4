import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { Caller, Principal } from '../access/principal.ts'
import type { RequestRecord } from '../http/request-record.ts'
import { ReadLines } from '../journal/trail/read-lines.ts'
import { parseSegment, SegmentDraft, toSegments } from '../journal/trail/segment.ts'
import { TextPool } from '../journal/trail/text-pool.ts'
import { createLookupKeys, type TimedRecord } from '../journal/trail/trail-record.ts'
import { orderedIds } from '../journal/ordered-ids.ts'
import { noteRequest } from './request-notes.ts'

const start = Date.UTC(2026, 0, 31, 23, 59, 59, 990)
const grants = { identity: [], boundary: undefined, session: undefined }
const user: Principal = {
  kind: 'user',
  accountId: '111122223333',
  arn: 'arn:aws:iam::111122223333:user/ada',
  principalId: 'AIDA1',
  userName: 'ada',
  accessKeyId: 'AKIA1',
  roleArn: undefined,
  tags: new Map(),
  grants,
  session: undefined,
}
const session: Principal = {
  ...user,
  kind: 'role-session',
  arn: 'arn:aws:sts::111122223333:assumed-role/build/ci "7"',
  principalId: 'AROA1:ci "7"',
  userName: 'ci "7"',
  roleArn: 'arn:aws:iam::111122223333:role/build',
  session: { issuedAt: start, expiresAt: start + 1, sourceIdentity: 'ada\\', provider: undefined, transitiveTags: [] },
}
const repository = { id: '1', name: 'main', domain: { owner: '444455556666', name: 'acme' } }
const other = { ...repository, id: '2', name: 'other' }

interface Asked {
  readonly principal: Principal
  readonly method: string
  readonly trace: Partial<NonNullable<Caller['trace']>>
  readonly userAgent?: string
}

/** A name is read from each request anew. */
function lib(namespace = '') {
  return { format: 'npm', namespace, name: 'lib' }
}

const asked: readonly Asked[] = [
  { principal: user, method: 'GET', trace: { repository, package: lib() } },
  { principal: user, method: 'GET', trace: { repository, package: lib() } },
  { principal: user, method: 'HEAD', trace: { repository, package: lib() } },
  { principal: session, method: 'GET', trace: { repository, package: lib('team'), version: '1.0.0' } },
  { principal: session, method: 'GET', trace: { repository, package: lib('team'), version: '1.0.1' } },
  { principal: user, method: 'GET', trace: { repository: other }, userAgent: 'np"m\\\n é\u2028'.repeat(100) },
  { principal: user, method: 'GET', trace: { repository: other, package: lib('té"am') } },
]

function requestOf({ principal, method, trace, userAgent = 'npm/11' }: Asked): RequestRecord {
  const path = '/npm/d/acme-444455556666/main/l"ib\\'
  const id = randomUUID()
  const none = {
    isRecorded: false,
    operation: undefined,
    repository: undefined,
    package: undefined,
    version: undefined,
  }
  const client = { requestId: id, remoteAddress: '127.0.0.1', userAgent, isSecure: false }
  const by: Caller = { principal, ...client, trace: { ...none, ...trace } }
  const facts = { query: '', plane: 'packages', status: 200, durationMs: 1, sentBytes: 100, fields: [] }
  return { ...facts, id, method, path, remoteAddress: '127.0.0.1', userAgent, by, end: 'complete', error: undefined }
}

function clockFrom(time: number): () => number {
  let now = time
  return () => (now += 3)
}

test('reads that share their text have the records and keys that each would have alone', async () => {
  const randomId = orderedIds(() => start, randomUUID)
  const parts = { region: 'eu-west-1', randomId }
  const draft = new SegmentDraft(new TextPool())
  const lines = new ReadLines({ ...parts, keyOf: createLookupKeys() }, draft)
  const alone: TimedRecord[] = []
  const [clock, sameClock] = [clockFrom(start), clockFrom(start)]
  for (const request of asked.map(requestOf)) {
    const read = noteRequest({ ...parts, clock }, request)
    assert.ok(read?.kind === 'read')
    lines.add(read)
    // What the control plane asks for takes the general way.
    const call = noteRequest({ ...parts, clock: sameClock }, { ...request, plane: 'aws' })
    assert.ok(call?.kind === 'call' && call.record)
    alone.push({ at: call.at, record: call.record })
  }
  const shared = await draft.close(randomId())
  const [expected] = await toSegments(alone, randomId)
  assert.ok(expected)
  const text = (records: readonly TimedRecord[]) => {
    return records.map(({ at, record }) => `${at} ${JSON.stringify({ ...record, eventID: '' })}`)
  }
  const records = parseSegment(shared.body)
  assert.deepEqual(text(records), text(parseSegment(expected.body)))
  const keysOf = ({ keys }: typeof shared) => keys.map(({ account, key }) => `${account} ${key}`).toSorted()
  assert.deepEqual(keysOf(shared), keysOf(expected))
  const ids = records.map(({ record }) => record.eventID)
  assert.equal(new Set(ids).size, asked.length)
  for (const [at, id] of ids.entries()) {
    assert.match(id, /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    assert.equal(Number.parseInt(id.replace('-', '').slice(0, 12), 16), records[at]?.at)
  }
  const counts = lines.usage.map(({ requests, bytes }) => [requests, bytes])
  assert.deepEqual(counts, [[2, 200], ...Array.from({ length: 5 }, () => [1, 100])])
})
