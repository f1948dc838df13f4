import assert from 'node:assert/strict'
import { test } from 'node:test'

import { parseAnnouncement, renderParts } from './notifications.ts'

test('scopes travel in payloads that PostgreSQL takes, and arrive as they were', () => {
  const scopes = Array.from({ length: 500 }, (_, index) => `package:${index}:"näme"\n${'😀'.repeat(index % 40)}`)
  const parts = renderParts(scopes)
  const announcements = parts.map((part) => parseAnnouncement(`18446744073709551615 ${part}`))
  assert.ok(parts.length > 1)
  assert.ok(parts.every((part) => Buffer.byteLength(part) + 21 < 8_000))
  assert.deepEqual(
    announcements.flatMap((announcement) => announcement?.scopes),
    scopes,
  )
  assert.deepEqual(
    announcements.map((announcement) => announcement?.isLast),
    parts.map((_, index) => index === parts.length - 1),
  )
})

test('what somebody else sends on the channel is not an announcement', () => {
  for (const payload of ['', 'hello', '12 last', '12 last {"a":1}', 'x last []', '12 first []']) {
    assert.equal(parseAnnouncement(payload), undefined)
  }
})
