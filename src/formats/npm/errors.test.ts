import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HttpError } from '../../http/call.ts'
import { RegistryError, type RegistryErrorKind } from '../../registry/errors.ts'
import { renderError } from './errors.ts'
import { npm } from './format.ts'

test('every failure has the status that makes npm do the right thing, and both keys that clients print', () => {
  const statuses: Record<RegistryErrorKind, number> = {
    missing: 404,
    conflict: 409,
    denied: 403,
    invalid: 400,
    quota: 413,
    throttled: 429,
    unavailable: 503,
    unsupported: 405,
  }
  for (const [kind, status] of Object.entries(statuses)) {
    const reply = renderError(new RegistryError(kind as RegistryErrorKind, 'in words'))
    assert.equal(reply.status, status)
    const { error, message, reason } = JSON.parse(reply.body as string)
    assert.deepEqual([error, message], ['in words', 'in words'])
    assert.match(reason, /^[a-z_]+$/)
    assert.equal('Retry-After' in reply.headers, status === 429 || status === 503)
  }
  const later = renderError(new RegistryError('throttled', 'slowly', { retryAfterSeconds: 7 }))
  assert.equal(later.headers['Retry-After'], 7)
})

test('who is not logged in is told how to, and gets no challenge, which would hide it', () => {
  const cause = new HttpError(401, 'the token expired')
  const reply = renderError(new RegistryError('denied', 'the token expired', { cause }))
  const { error } = JSON.parse(reply.body as string)
  assert.match(error, /^the token expired; log in with: aws codeartifact login --tool npm .*npmAlwaysAuth: true/)
  assert.equal(npm.challenge('acme/team', 'http://127.0.0.1'), undefined)
})

test('a deprecation from upstream reaches what was fetched before; one that was made here stays', () => {
  const stored = { name: 'x', deprecated: 'here' }
  assert.deepEqual(npm.refreshDocument?.({ name: 'x' }, { deprecated: 'there' }), { name: 'x', deprecated: 'there' })
  assert.equal(npm.refreshDocument?.(stored, { deprecated: false }), stored)
  assert.equal(npm.refreshDocument?.(stored, undefined), stored)
})
