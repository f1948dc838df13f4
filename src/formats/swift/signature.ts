import { createHash, createVerify, type KeyObject, type Verify } from 'node:crypto'
import type { Readable } from 'node:stream'
import { refused } from '../../registry/errors.ts'
import { readSignedMessage, type SignedMessage } from './cms.ts'

/** The one format of signatures that there is. Source: SE-0391. */
export const SIGNATURE_FORMAT = 'cms-1.0.0'

/**
 * Throws `invalid` where a signature is none, or belongs to something else than this part: every client would fail with it.
 * Whether the signer can be trusted is for clients to say.
 */
export async function checkSignature(part: string, bytes: Buffer, open: () => Readable): Promise<void> {
  const message = readSignedMessage(bytes)
  for (const key of message.keys) {
    if (await isSignedBy(message, key, open)) return
  }
  throw refused(`the signature of the part ${part} is not one of that part by any certificate in it`)
}

async function isSignedBy(message: SignedMessage, key: KeyObject, open: () => Readable): Promise<boolean> {
  const { hash, signature, attributes } = message
  // What swift-certificates signs with.
  if (key.asymmetricKeyType !== 'ec' && key.asymmetricKeyType !== 'rsa') return false
  const verifier = createVerify(hash)
  if (attributes) {
    const digest = createHash(hash)
    for await (const chunk of open()) digest.update(chunk as Buffer)
    if (!digest.digest().equals(attributes.digest)) return false
    verifier.update(attributes.signed)
  } else {
    for await (const chunk of open()) verifier.update(chunk as Buffer)
  }
  return verifies(verifier, key, signature)
}

/** A key that cannot be used at all has signed nothing. */
function verifies(verifier: Verify, key: KeyObject, signature: Buffer): boolean {
  try {
    return verifier.verify(key, signature)
  } catch {
    return false
  }
}
