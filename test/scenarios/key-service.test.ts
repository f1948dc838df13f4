import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCredentials } from '../support/aws.ts'
import { type Json11Answer, sendJson11 } from '../support/json11.ts'
import { NpmWire } from '../support/npm-wire.ts'
import { type Packyard, startPackyard } from '../support/packyard.ts'
import { runWell, until } from '../support/processes.ts'
import { mainProgram } from '../support/server-process.ts'

function credentialsOf(yard: Packyard) {
  const { AWS_SHARED_CREDENTIALS_FILE = '', AWS_PROFILE = '' } = yard.env
  return readCredentials(AWS_SHARED_CREDENTIALS_FILE, AWS_PROFILE)
}

function kms(yard: Packyard, operation: string, input: object): Promise<Json11Answer> {
  const place = { url: yard.url, region: 'us-east-1', credentials: credentialsOf(yard) }
  return sendJson11(place, 'kms', `TrentService.${operation}`, input)
}

test('the keys of one Packyard are wrapped by a key of another, through the SDK', async (t) => {
  const keeper = await startPackyard(t, { processes: 1 })
  const { body } = await kms(keeper, 'CreateKey', {})
  const { KeyId, Arn } = body['KeyMetadata'] as { KeyId: string; Arn: string }
  const { accessKeyId, secretAccessKey } = credentialsOf(keeper)
  const env = {
    PACKYARD_KMS_KEY: Arn,
    PACKYARD_KMS_ENDPOINT: keeper.url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  }
  const yard = await startPackyard(t, { processes: 1, env })
  const wireOf = async () => new NpmWire(await yard.endpoint('main'), await yard.token())
  assert.equal((await (await wireOf()).publish('lib@1.0.0')).status, 201)
  const asked = /aws-sdk-js.*"operation":"Encrypt"/
  await until('the line of the key service', () => asked.test(keeper.server.log) || undefined)

  await t.test('what was stored is read by a process that has to ask for the key', async () => {
    await yard.restart()
    assert.equal((await (await wireOf()).tarball('lib', '1.0.0')).status, 200)
  })

  await t.test('a key that is disabled there opens nothing here, until it is enabled again', async () => {
    await kms(keeper, 'DisableKey', { KeyId })
    await yard.restart()
    const wire = await wireOf()
    const refused = await wire.tarball('lib', '1.0.0')
    assert.ok(refused.status >= 500, `${refused.status}`)
    await until('the reason in the log', () => yard.server.log.includes('DisabledException') || undefined)
    assert.ok((await wire.publish('lib@1.1.0')).status >= 500)
    await kms(keeper, 'EnableKey', { KeyId })
    assert.equal((await wire.tarball('lib', '1.0.0')).status, 200)
    assert.equal((await wire.publish('lib@1.1.0')).status, 201)
  })

  await t.test('keys are wrapped anew, and blobs stay as they are', async () => {
    await yard.stop()
    const stored = await yard.storedFiles()
    await runWell(process.execPath, [mainProgram, 'keys', 'rotate'], { cwd: yard.folder, env: yard.serverEnv })
    assert.deepEqual(await yard.storedFiles(), stored)
    await yard.server.start()
    assert.equal((await (await wireOf()).tarball('lib', '1.0.0')).status, 200)
  })
})

test('secrets are encrypted under a key and a context, and come back by both alone', async (t) => {
  const yard = await startPackyard(t, { processes: 1 })
  const made = await Promise.all([kms(yard, 'CreateKey', {}), kms(yard, 'CreateKey', {})])
  const [first, second] = made.map(({ body }) => (body['KeyMetadata'] as { KeyId: string }).KeyId)
  const Plaintext = Buffer.from('a secret').toString('base64')
  const EncryptionContext = { one: '1', two: '2' }
  const { body } = await kms(yard, 'Encrypt', { KeyId: first, Plaintext, EncryptionContext })
  const { CiphertextBlob } = body as { CiphertextBlob: string }
  const turned = { two: '2', one: '1' }
  const opened = await kms(yard, 'Decrypt', { CiphertextBlob, EncryptionContext: turned })
  assert.equal(opened.body['Plaintext'], Plaintext)
  const fails = async (input: object, code: string) => {
    const answer = await kms(yard, 'Decrypt', { CiphertextBlob, EncryptionContext, ...input })
    assert.equal(answer.status, 400)
    assert.match(JSON.stringify(answer.body), new RegExp(code))
  }
  await fails({ EncryptionContext: { one: '1' } }, 'InvalidCiphertextException')
  await fails({ KeyId: second }, 'IncorrectKeyException')
  const bytes = Buffer.from(CiphertextBlob, 'base64')
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  await fails({ CiphertextBlob: bytes.toString('base64') }, 'InvalidCiphertextException')
  await fails({ CiphertextBlob: 'AAAA' }, 'InvalidCiphertextException')
  await kms(yard, 'DisableKey', { KeyId: first })
  await fails({}, 'DisabledException')
})
