import { PassThrough, type Readable, type Writable } from 'node:stream'
import type { BlobId, Staging } from '../storage/blobs/blob-store.ts'
import type { AssetSource } from './format.ts'
import type { Asset } from './model.ts'
import type { RegistryLimits } from './parts.ts'
import { overQuota } from './quotas.ts'
import type { StagedAsset } from './session.ts'

/** What `publish` may do with a staged asset, and a route may not: make it durable. */
export interface StagedAssetHandle extends StagedAsset {
  commit(): Promise<BlobId>
}

/** An asset on its way in, held to the largest size that one may have. */
export function stagedAsset(staging: Staging, limits: RegistryLimits): StagedAssetHandle {
  return {
    writable: limited(staging.writable, limits),
    sealed: async (): Promise<Omit<Asset, 'name'>> => staging.sealed(),
    source: (name): AssetSource => ({
      name,
      sizeBytes: staging.writtenBytes,
      open: (start): Readable => staging.follow(start),
    }),
    commit: () => staging.commit(),
    [Symbol.asyncDispose]: () => staging[Symbol.asyncDispose](),
  }
}

function limited(writable: Writable, limits: RegistryLimits): Writable {
  let bytes = 0
  const entrance = new PassThrough({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes <= limits.assetBytesMax) return done(null, chunk)
      return done(overQuota('assetBytesMax', limits, { resourceType: 'asset' }))
    },
  })
  entrance.on('error', (error) => writable.destroy(error))
  writable.on('error', (error) => entrance.destroy(error))
  entrance.pipe(writable)
  return entrance
}
