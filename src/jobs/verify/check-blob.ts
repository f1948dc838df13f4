import { createHash } from 'node:crypto'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { type BlobId, BlobMissingError, type BlobStore } from '../../storage/blobs/blob-store.ts'

export interface Damage {
  readonly kind: 'missing' | 'damaged'
  readonly detail: string
}

/** Undefined when the bytes are there and are the ones that their name says. Throws when the store can't be read at all. */
export async function checkBlob(store: BlobStore, blob: BlobId, sizeBytes: number): Promise<Damage | undefined> {
  try {
    const found = await hash(store, blob)
    if (found.sizeBytes !== sizeBytes) {
      return { kind: 'damaged', detail: `it has ${found.sizeBytes} bytes, and should have ${sizeBytes}` }
    }
    if (found.sha256 === blob.sha256) return undefined
    return { kind: 'damaged', detail: `its SHA-256 is ${found.sha256}` }
  } catch (error) {
    if (error instanceof BlobMissingError) return { kind: 'missing', detail: 'it is not in the store' }
    // A store that is down says nothing about this blob.
    await store.check()
    return { kind: 'damaged', detail: error instanceof Error ? error.message : String(error) }
  }
}

/** Four hashes are made when bytes come; one says that they are still the same. */
async function hash(store: BlobStore, { domainId, sha256 }: BlobId): Promise<{ sha256: string; sizeBytes: number }> {
  const digest = createHash('sha256')
  let sizeBytes = 0
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      digest.update(chunk)
      sizeBytes += chunk.length
      done()
    },
  })
  await pipeline(await store.open({ domainId, sha256 }), sink)
  return { sha256: digest.digest('hex'), sizeBytes }
}
