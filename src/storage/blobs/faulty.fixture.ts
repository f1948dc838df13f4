import { type Readable, Transform } from 'node:stream'

import type { BlobId, BlobStore, ByteRange, NamedStaging, Staging } from './blob-store.ts'

/** What goes wrong from now on. */
export interface Faults {
  /** Every write beyond so many bytes of a staging fails so. */
  write?: { readonly afterBytes: number; readonly error: Error } | undefined
  /** Nothing can be staged. */
  stage?: Error | undefined
  /** Nothing can be read. */
  read?: Error | undefined
  /** Streams end after so many bytes, as if that were all. */
  truncateAt?: number | undefined
}

/** A store that does what another one does, except for the faults that a test asks for. */
export function faultyBlobs(store: BlobStore, faults: Faults): BlobStore {
  const fail = (error: Error | undefined) => {
    if (error !== undefined) throw error
  }
  return {
    async stage(domainId: string): Promise<Staging> {
      fail(faults.stage)
      return faultyWrites(await store.stage(domainId), faults)
    },
    async stageNamed(domainId: string): Promise<NamedStaging> {
      fail(faults.stage)
      return faultyWrites(await store.stageNamed(domainId), faults)
    },
    async open(blob: BlobId, range?: ByteRange): Promise<Readable> {
      fail(faults.read)
      const whole = await store.open(blob, range)
      return faults.truncateAt === undefined ? whole : whole.pipe(cutAt(faults.truncateAt))
    },
    async read(blob: BlobId, sizeBytes: number, limitBytes: number) {
      fail(faults.read)
      const bytes = await store.read(blob, sizeBytes, limitBytes)
      return bytes?.subarray(0, faults.truncateAt)
    },
    has: async (blob) => store.has(blob),
    remove: async (blob) => store.remove(blob),
    sizeOf: async (blob) => store.sizeOf(blob),
    domains: () => store.domains(),
    list: (domainId) => store.list(domainId),
    check: async () => {
      fail(faults.stage ?? faults.read)
      await store.check()
    },
  }
}

/** Fails the writer as a full disk does: in the middle, with the store's own error. */
function faultyWrites<S extends NamedStaging | Staging>(staging: S, faults: Faults): S {
  const { writable } = staging
  const write = writable._writev?.bind(writable)
  writable._writev = (chunks, done) => {
    const { afterBytes = Number.POSITIVE_INFINITY, error } = faults.write ?? {}
    if (staging.writtenBytes >= afterBytes) done(error)
    else write?.(chunks, done)
  }
  return staging
}

function cutAt(bytes: number): Transform {
  let left = bytes
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const part = chunk.subarray(0, left)
      left -= part.length
      done(null, part)
    },
  })
}
