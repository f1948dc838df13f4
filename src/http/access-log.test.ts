import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { createAccessLog, redactTarget } from './access-log.ts'
import type { RequestRecord } from './request-record.ts'

const record: RequestRecord = {
  id: 'r-1',
  method: 'GET',
  path: '/npm/d/acme-111122223333/team/react',
  query: '',
  plane: 'packages',
  status: 200,
  durationMs: 1.23456,
  sentBytes: 10,
  remoteAddress: '127.0.0.1',
  userAgent: 'npm/12',
  fields: [{ 'domain.name': 'acme' }],
  by: undefined,
  end: 'complete',
  error: undefined,
}

function logged(change: Partial<RequestRecord>, level = 'info'): Record<string, unknown> | undefined {
  const lines: string[] = []
  const log = pino({ level }, { write: (line) => void lines.push(line) })
  createAccessLog({ log, writeInfo: (members) => void lines.push(`{${members}}`) })({ ...record, ...change })
  assert.ok(lines.length <= 1)
  return lines[0] === undefined ? undefined : (JSON.parse(lines[0]) as Record<string, unknown>)
}

test('A request is one line whose message reads alone and whose fields can be searched', () => {
  const line = logged({})
  assert.equal(line?.['msg'], 'GET /npm/d/acme-111122223333/team/react 200')
  assert.equal(line?.['request_id'], 'r-1')
  assert.equal(line?.['domain.name'], 'acme')
  assert.equal(line?.['duration_ms'], 1.23)
  assert.equal(line?.['size_bytes'], 10)
})

test('A line is JSON whatever a client sends, and of a field that is set twice the later value counts', () => {
  const userAgent = 'a "b" \\ \u0001 é \u2028'
  const line = logged({ userAgent, fields: [{ 'package.name': 'a', bytes: 1 }, { 'package.name': 'b"' }] })
  assert.equal(line?.['user_agent'], userAgent)
  assert.equal(line?.['package.name'], 'b"')
  assert.equal(line?.['bytes'], 1)
  assert.equal(String(logged({ userAgent: 'x'.repeat(300) })?.['user_agent']).length, 200)
})

test('A client that has gone is said to have gone', () => {
  assert.equal(logged({ end: 'gone' })?.['end'], 'gone')
})

test('A bug is logged with its stack, an outage with its message, a refusal without either', () => {
  const error = new Error('what happened')
  const bug = logged({ status: 500, error })
  assert.match(JSON.stringify(bug?.['err']), /"stack":"Error: what happened\\n\s+at /)
  assert.equal(logged({ status: 503, error })?.['failure'], 'what happened')
  assert.equal(JSON.stringify(logged({ status: 404, error })).includes('what happened'), false)
})

test('The log level decides whether there is a line at all', () => {
  assert.equal(logged({}, 'warn'), undefined)
  assert.equal(logged({ status: 503 }, 'warn')?.['status'], 503)
})

test('No token and no signature is shown, however it is spelt', () => {
  const base = '/npm/d/acme-111122223333/team'
  assert.equal(redactTarget(`${base}/-/user/token/s3cret`, ''), `${base}/-/user/token/***`)
  assert.equal(redactTarget(`${base}/%2d/user/tok%65n/s3cret/x`, ''), `${base}/%2d/user/tok%65n/***`)
  assert.equal(
    redactTarget('/', 'Action=X&X-Amz-Signature=abc&X-Amz-Security-Token=def&X-Amz-Credential=g'),
    '/?Action=X&X-Amz-Signature=***&X-Amz-Security-Token=***&X-Amz-Credential=***',
  )
  assert.equal(redactTarget('/', 'X%2DAmz%2DSignature=abc&domain=acme'), '/?X%2DAmz%2DSignature=***&domain=acme')
})
