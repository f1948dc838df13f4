import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HttpError } from '../http/call.ts'
import { RegistryError, type RegistryErrorKind } from '../registry/errors.ts'
import { errorStatuses, isLoginMissing, retryAfter } from './error-statuses.ts'

test('only what may be better soon says when to ask again, and as late as is known', () => {
  const kinds = Object.keys(errorStatuses) as RegistryErrorKind[]
  const told = kinds.filter((kind) => 'Retry-After' in retryAfter(new RegistryError(kind, 'no')))
  assert.deepEqual(told, ['throttled', 'unavailable'])
  assert.deepEqual(retryAfter(new RegistryError('throttled', 'no', { retryAfterSeconds: 0 })), { 'Retry-After': 0 })
  assert.deepEqual(retryAfter(new RegistryError('unavailable', 'no')), { 'Retry-After': 10 })
})

test('only a 401 says that nobody is logged in', () => {
  const denied = (cause: unknown) => new RegistryError('denied', 'no', { cause })
  assert.equal(isLoginMissing(denied(new HttpError(401, 'who?'))), true)
  assert.equal(isLoginMissing(denied(new HttpError(403, 'not you'))), false)
  assert.equal(isLoginMissing(new RegistryError('denied', 'no')), false)
})
