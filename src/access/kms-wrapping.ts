import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms'
import type { KeyContext, KeyWrapping } from '../storage/blobs/key-wrapping.ts'

/** Longest wait for a connection to the key service, and for its answer. Unit: ms. Ours. */
const CONNECT_TIMEOUT_MS = 3_000
const ANSWER_TIMEOUT_MS = 10_000
/** Ours; the SDK's own is 3. */
const ATTEMPTS_MAX = 4

const PREFIX = 'kms:'

export interface KmsSettings {
  /** Key id, key ARN, alias or alias ARN. */
  readonly keyId: string
  /** Undefined: AWS's own of that region. */
  readonly endpoint: string | undefined
  readonly region: string
  /** Left out: found as every AWS SDK finds them. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
  /** Longest wait for one answer. Unit: ms. */
  readonly answerTimeoutMs?: number
}

/** Wraps keys by one that never leaves a key service. */
export function createKmsWrapping(settings: KmsSettings): KeyWrapping {
  const { keyId, endpoint, region, credentials, answerTimeoutMs = ANSWER_TIMEOUT_MS } = settings
  const client = new KMSClient({
    region: /^arn:[^:]+:kms:([^:]+):/.exec(keyId)?.[1] ?? region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials && { credentials }),
    maxAttempts: ATTEMPTS_MAX,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: answerTimeoutMs,
      // Else the SDK only warns, and waits on.
      throwOnRequestTimeout: true,
    },
  })
  return {
    async wrap(secret, context) {
      const input = { KeyId: keyId, Plaintext: secret, EncryptionContext: contextOf(context) }
      const { CiphertextBlob, KeyId } = await client.send(new EncryptCommand(input)).catch(explain(keyId))
      if (CiphertextBlob === undefined) throw new Error(`the key service wrapped nothing by ${keyId}`)
      return { wrapped: CiphertextBlob, wrappedBy: PREFIX + (KeyId ?? keyId) }
    },
    async unwrap({ wrapped, wrappedBy }, context) {
      const KeyId = wrappedBy.slice(PREFIX.length)
      const input = { KeyId, CiphertextBlob: wrapped, EncryptionContext: contextOf(context) }
      const { Plaintext } = await client.send(new DecryptCommand(input)).catch(explain(KeyId))
      if (Plaintext === undefined) throw new Error(`the key service unwrapped nothing by ${KeyId}`)
      return Buffer.from(Plaintext)
    },
  }
}

/** What a key service's own log shows. */
function contextOf({ domainId, version }: KeyContext): Record<string, string> {
  return { 'packyard:domain': domainId, 'packyard:version': String(version) }
}

function explain(keyId: string): (cause: unknown) => never {
  return (cause) => {
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
    throw new Error(`the key service cannot use ${keyId}: ${reason}`, { cause })
  }
}
