import { pipeline } from 'node:stream/promises'

import type { BlobId, BlobStore } from './blob-store.ts'
import { domainOfSealed } from './sealed-id.ts'

export interface EncryptPlainParts {
  /** Holds both kinds. */
  readonly store: BlobStore
  /** Encrypts into it. */
  readonly encrypted: BlobStore
}

/**
 * Encrypts the blobs that were stored as they are, while others read and write. Gives each blob, and what came of it:
 * one whose bytes are not what its name says is left alone. Safe to break off, and to run twice.
 */
export async function* encryptPlainBlobs({
  store,
  encrypted,
}: EncryptPlainParts): AsyncGenerator<{ readonly blob: BlobId; readonly outcome: 'encrypted' | 'damaged' }> {
  for await (const domainId of store.domains()) {
    if (domainOfSealed(domainId) !== undefined) continue
    for await (const blob of store.list(domainId)) {
      await using staging = await encrypted.stage(domainId)
      await pipeline(await store.open(blob), staging.writable)
      const isWhole = (await staging.sealed()).sha256 === blob.sha256
      if (isWhole) {
        await staging.commit()
        await store.remove(blob)
      }
      yield { blob, outcome: isWhole ? 'encrypted' : 'damaged' }
    }
  }
}
