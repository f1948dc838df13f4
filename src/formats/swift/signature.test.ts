import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeSigner, signDetached } from '../../../test/support/swift-signature.ts'
import { RegistryError } from '../../registry/errors.ts'
import { checkSignature } from './signature.ts'

const content = Buffer.from('all of an archive')
const signer = makeSigner()

function check(signature: Buffer, of = content): Promise<void> {
  return checkSignature('source-archive', signature, () => Readable.from([of.subarray(0, 3), of.subarray(3)]))
}

test('a signature is taken with signed attributes and without, and only for what it signs', async () => {
  for (const attributes of ['with attributes', 'without attributes'] as const) {
    const signature = signDetached(content, signer, attributes)
    await check(signature)
    const refusal = { kind: 'invalid', message: /the part source-archive is not one of that part/ }
    await assert.rejects(check(signature, Buffer.from('another archive')), refusal)
    const other = signDetached(content, { ...signer, key: makeSigner().key }, attributes)
    await assert.rejects(check(other), refusal)
  }
})

test('what is no signature is refused', async () => {
  const good = signDetached(content, signer, 'with attributes')
  const bad: Readonly<Record<string, Buffer>> = {
    nothing: Buffer.alloc(0),
    text: Buffer.from('signed, Mona'),
    'half of one': good.subarray(0, good.length / 2),
    'two of them': Buffer.concat([good, good]),
    'another message': Buffer.from('300f06092a864886f70d010705a0020500', 'hex'),
    'lengths without end': Buffer.from('3084ffffffff', 'hex'),
    nesting: Buffer.from('3080'.repeat(10_000), 'hex'),
  }
  for (const [what, bytes] of Object.entries(bad)) await assert.rejects(check(bytes), { kind: 'invalid' }, what)
})

test('any change of a signature is taken or refused', async () => {
  const good = signDetached(content, signer, 'with attributes')
  const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255))
  const property = fc.asyncProperty(fc.array(change, { maxLength: 4 }), fc.nat(good.length), async (changes, end) => {
    const changed = Buffer.from(good.subarray(0, end))
    for (const [at, byte] of changes) if (at < end) changed[at] = byte
    await check(changed).catch((error: unknown) => {
      assert.ok(error instanceof RegistryError && error.kind === 'invalid', String(error))
    })
  })
  await fc.assert(property, { numRuns: 1000 })
})
