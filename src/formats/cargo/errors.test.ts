import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RegistryError } from '../../registry/errors.ts'
import { challenge, renderError } from './errors.ts'

function answer(error: RegistryError) {
  const { status, headers, body } = renderError(error)
  assert.ok(typeof body === 'string')
  return { status, retryAfter: headers['Retry-After'], body: JSON.parse(body) as unknown }
}

test('Cargo gets the sentence in the shape that it prints, and why something is hidden', () => {
  assert.deepEqual(answer(new RegistryError('missing', 'no crate.', { explanation: 'It is blocked.' })), {
    status: 404,
    retryAfter: undefined,
    body: { errors: [{ detail: 'no crate. It is blocked.' }] },
  })
})

test('it is told when to come back where that is known, and that an upstream answered badly where it is not', () => {
  const known = answer(new RegistryError('unavailable', 'down', { retryAfterSeconds: 5 }))
  assert.deepEqual([known.status, known.retryAfter], [503, 5])
  const bad = answer(new RegistryError('unavailable', 'wrong digest'))
  assert.deepEqual([bad.status, bad.retryAfter], [502, undefined])
  const slow = answer(new RegistryError('throttled', 'slower'))
  assert.deepEqual([slow.status, slow.retryAfter], [429, 10])
})

test('who has no token is told where to get one', () => {
  const header = challenge('acme/team', 'https://packages.example')
  assert.equal(header, 'Cargo login_url="https://packages.example/console/", Basic realm="acme/team"')
})
