import assert from 'node:assert/strict'
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { createKmsWrapping } from './kms-wrapping.ts'

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
const arn = 'arn:aws:kms:eu-west-1:111122223333:key/0f0f0f0f-0000-4000-8000-000000000001'

test('A key service wraps and unwraps keys, each for what it was wrapped for alone', async (t) => {
  const service = await startKeyService(t)
  const wrapping = createKmsWrapping({
    keyId: 'alias/packyard',
    endpoint: service.url,
    region: 'eu-west-1',
    credentials,
  })
  const secret = randomBytes(32)
  const key = await wrapping.wrap(secret, { domainId: 'd', version: 1 })
  assert.equal(key.wrappedBy, `kms:${arn}`)
  assert.ok((await wrapping.unwrap(key, { domainId: 'd', version: 1 })).equals(secret))
  await assert.rejects(wrapping.unwrap(key, { domainId: 'd', version: 2 }), /cannot use arn:.*InvalidCiphertext/)
  assert.deepEqual(
    service.calls.map(({ target, keyId }) => [target, keyId]),
    [
      ['TrentService.Encrypt', 'alias/packyard'],
      ['TrentService.Decrypt', arn],
      ['TrentService.Decrypt', arn],
    ],
  )
})

test('A key service that refuses a disabled key is quoted, with the name of the key', async (t) => {
  const service = await startKeyService(t)
  service.failure = { status: 400, type: 'DisabledException', message: `${arn} is disabled.` }
  const wrapping = createKmsWrapping({ keyId: arn, endpoint: service.url, region: 'us-east-1', credentials })
  const wrapped = wrapping.wrap(randomBytes(32), { domainId: 'd', version: 1 })
  await assert.rejects(wrapped, /the key service cannot use arn:.*DisabledException: .*is disabled/)
})

test('A key service that never answers is given up', async (t) => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const wrapping = createKmsWrapping({ keyId: arn, endpoint, region: 'us-east-1', credentials, answerTimeoutMs: 50 })
  await assert.rejects(wrapping.wrap(randomBytes(32), { domainId: 'd', version: 1 }), /cannot use arn:.*TimeoutError/)
})

interface KeyService {
  readonly url: string
  readonly calls: { target: string; keyId: string }[]
  failure: { status: number; type: string; message: string } | undefined
}

interface KeyRequest {
  readonly KeyId: string
  readonly Plaintext?: string
  readonly CiphertextBlob?: string
  readonly EncryptionContext: Record<string, string>
}

/** Speaks the two operations as the real one does, over a key of its own. Source: KMS API Reference. */
async function startKeyService(t: TestContext): Promise<KeyService> {
  const master = randomBytes(32)
  const calls: KeyService['calls'] = []
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      const input = body as KeyRequest
      calls.push({ target: String(request.headers['x-amz-target']), keyId: input.KeyId })
      const { status, ...answer } = service.failure
        ? { status: service.failure.status, __type: service.failure.type, message: service.failure.message }
        : answerKeyRequest(master, input)
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer))
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close().closeAllConnections())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const service: KeyService = { url, calls, failure: undefined }
  return service
}

function answerKeyRequest(master: Buffer, { Plaintext, CiphertextBlob = '', EncryptionContext }: KeyRequest) {
  const context = Buffer.from(JSON.stringify(EncryptionContext, ['packyard:domain', 'packyard:version']))
  const given = Buffer.from(CiphertextBlob, 'base64')
  if (Plaintext !== undefined) {
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', master, nonce).setAAD(context)
    const text = Buffer.concat([cipher.update(Plaintext, 'base64'), cipher.final()])
    const blob = Buffer.concat([nonce, cipher.getAuthTag(), text])
    return { status: 200, KeyId: arn, CiphertextBlob: blob.toString('base64') }
  }
  const decipher = createDecipheriv('aes-256-gcm', master, given.subarray(0, 12)).setAAD(context)
  decipher.setAuthTag(given.subarray(12, 28))
  try {
    const text = Buffer.concat([decipher.update(given.subarray(28)), decipher.final()])
    return { status: 200, KeyId: arn, Plaintext: text.toString('base64') }
  } catch {
    return { status: 400, __type: 'InvalidCiphertextException' }
  }
}
