import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyArn, MANAGED_ALIAS, parseKeyIdentifier, standInKeyId } from './encryption-key.ts'
import { parseAccountId } from './names.ts'

const context = { partition: 'aws', region: 'eu-west-1' }
const account = parseAccountId('111122223333')
const id = '1234abcd-12ab-34cd-56ef-1234567890ab'
const arn = `arn:aws:kms:eu-west-1:111122223333:key/${id}`

test('without a key, every domain of an account gets the same one', () => {
  assert.deepEqual(parseKeyIdentifier(context, account), { kind: 'alias', account, alias: MANAGED_ALIAS })
  const first = standInKeyId(context, account, MANAGED_ALIAS)
  assert.match(first, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  assert.equal(standInKeyId(context, account, MANAGED_ALIAS), first)
  assert.notEqual(standInKeyId(context, '444455556666', MANAGED_ALIAS), first)
})

test('each of the four spellings is read', () => {
  const key = { kind: 'key', account, id }
  assert.deepEqual(parseKeyIdentifier(context, account, id), key)
  assert.deepEqual(parseKeyIdentifier(context, account, arn), key)
  assert.equal(keyArn(context, account, id), arn)
  const alias = { kind: 'alias', account, alias: 'alias/team' }
  assert.deepEqual(parseKeyIdentifier(context, account, 'alias/team'), alias)
  assert.deepEqual(parseKeyIdentifier(context, '444455556666', 'arn:aws:kms:eu-west-1:111122223333:alias/team'), alias)
})

const unusable = [
  'team',
  `key/${id}`,
  'alias/',
  'arn:aws:s3:::bucket',
  `arn:aws:kms:us-east-1:111122223333:key/${id}`,
  `arn:aws:kms:eu-west-1:1111:key/${id}`,
  'arn:aws:kms:eu-west-1:111122223333:key/nonsense',
  `arn:aws:kms:eu-west-1:111122223333:${id}`,
]
for (const given of unusable) {
  test(`'${given}' is not a usable key, and the error says so in the service's terms`, () => {
    const matches = { kind: 'invalid', details: { reason: 'ENCRYPTION_KEY_ERROR' } }
    assert.throws(() => parseKeyIdentifier(context, account, given), matches)
  })
}
