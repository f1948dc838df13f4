import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encryptionKeyArn } from './encryption-key.ts'
import { parseAccountId } from './names.ts'

const context = { partition: 'aws', region: 'eu-west-1' }
const account = parseAccountId('111122223333')
const id = '1234abcd-12ab-34cd-56ef-1234567890ab'
const arn = `arn:aws:kms:eu-west-1:111122223333:key/${id}`

test('without a key, every domain of an account gets the same key ARN', () => {
  const first = encryptionKeyArn(context, account)
  assert.match(first, /^arn:aws:kms:eu-west-1:111122223333:key\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  assert.equal(encryptionKeyArn(context, account), first)
  assert.notEqual(encryptionKeyArn(context, parseAccountId('444455556666')), first)
})

test('each of the four spellings becomes a key ARN', () => {
  assert.equal(encryptionKeyArn(context, account, id), arn)
  assert.equal(encryptionKeyArn(context, account, arn), arn)
  const byAlias = encryptionKeyArn(context, account, 'alias/team')
  assert.match(byAlias, /^arn:aws:kms:eu-west-1:111122223333:key\//)
  assert.equal(encryptionKeyArn(context, account, 'arn:aws:kms:eu-west-1:111122223333:alias/team'), byAlias)
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
    assert.throws(() => encryptionKeyArn(context, account, given), matches)
  })
}
