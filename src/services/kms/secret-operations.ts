import { KeyringError } from '../../access/keyring.ts'
import { keyArn } from '../../registry/encryption-key.ts'
import type { EncryptionKey } from '../../registry/encryption-keys.ts'
import type { RegistryParts } from '../../registry/parts.ts'
import { CodedError } from '../coded-error.ts'
import * as field from './fields.ts'
import { kmsOperation, refusePending } from './operation.ts'

/** Before what is sealed stands the key's id. Unit: characters. Source: RFC 9562, section 4. */
const ID_LENGTH = 36

/** What another installation needs to keep its domains' keys here: a small secret, in and out. */
export const secretOperations = {
  Encrypt: kmsOperation({
    input: { KeyId: field.keyId, Plaintext: field.plaintext, EncryptionContext: field.encryptionContext },
    async run({ registry, seals, keyOf, input }) {
      const key = await keyOf(input.KeyId)
      refuseUnusable(registry, key)
      const sealed = seals.seal(Buffer.from(input.Plaintext, 'base64'), purposeOf(key, input.EncryptionContext))
      const CiphertextBlob = Buffer.concat([Buffer.from(key.id, 'latin1'), sealed]).toString('base64')
      return { CiphertextBlob, ...namesOf(registry, key) }
    },
  }),
  Decrypt: kmsOperation({
    input: { KeyId: field.givenKeyId, CiphertextBlob: field.ciphertext, EncryptionContext: field.encryptionContext },
    async run({ registry, seals, keyOf, input }) {
      const blob = Buffer.from(input.CiphertextBlob, 'base64')
      const id = blob.toString('latin1', 0, ID_LENGTH)
      if (input.KeyId === undefined && !/^[0-9a-f-]{36}$/.test(id)) throw invalidCiphertext()
      const key = await keyOf(input.KeyId ?? id)
      if (key.id !== id) throw new CodedError('IncorrectKeyException', 'The key is not the one that encrypted this.')
      refuseUnusable(registry, key)
      try {
        const secret = seals.open(blob.subarray(ID_LENGTH), purposeOf(key, input.EncryptionContext))
        return { Plaintext: secret.toString('base64'), ...namesOf(registry, key) }
      } catch (cause) {
        throw cause instanceof KeyringError ? invalidCiphertext(cause) : cause
      }
    },
  }),
}

/** Whatever the order in which the context was given. */
function purposeOf({ account, id }: EncryptionKey, context: Readonly<Record<string, string>> = {}): string {
  const sorted = Object.entries(context).toSorted(([left], [right]) => (left < right ? -1 : 1))
  return `kms ${account} ${id} ${JSON.stringify(sorted)}`
}

function namesOf({ arns }: RegistryParts, { account, id }: EncryptionKey) {
  return { KeyId: keyArn(arns, account, id), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' }
}

function refuseUnusable(registry: RegistryParts, key: EncryptionKey): void {
  refusePending(registry, key)
  if (key.state !== 'Disabled') return
  throw new CodedError('DisabledException', `${keyArn(registry.arns, key.account, key.id)} is disabled.`)
}

function invalidCiphertext(cause?: Error): CodedError {
  const message = 'The ciphertext, or its encryption context, is not what was encrypted here.'
  return new CodedError('InvalidCiphertextException', message, { cause })
}
