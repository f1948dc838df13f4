import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Keyring } from '../access/keyring.ts'
import { createWrappingKeys, type WrappingKeys } from '../access/wrapping-keys.ts'
import type { Config } from '../config.ts'
import type { BlobId, BlobStore } from '../storage/blobs/blob-store.ts'
import { type CacheCounts, newCacheCounts } from '../storage/cache-counts.ts'
import { cachedBlobs } from '../storage/blobs/cached.ts'
import { encryptPlainBlobs } from '../storage/blobs/encrypt-plain.ts'
import { encryptedBlobs } from '../storage/blobs/encrypted.ts'
import type { KeyWrapping } from '../storage/blobs/key-wrapping.ts'
import { StoredDomainKeys } from '../storage/blobs/stored-domain-keys.ts'
import type { Metadata } from '../storage/metadata/metadata.ts'

/** The largest asset that is kept in memory; most packages are smaller. Unit: bytes. Ours. */
const CACHED_BLOB_BYTES_MAX = 512 * 1024

export interface BlobParts {
  readonly metadata: Metadata
  readonly keyring: Keyring
  readonly onDamaged: (blob: BlobId, error: Error) => void
}

export interface OpenedBlobs {
  readonly blobs: BlobStore
  /** The same without the cache before it. */
  readonly stored: BlobStore
  /** Of that cache. */
  readonly blobCounts: CacheCounts
  readonly keys: StoredDomainKeys
  /** Those of the keyring; undefined when a key service wraps. */
  readonly wrappingKeys: WrappingKeys | undefined
  /** Undefined when the settings say that nothing is to be encrypted. */
  readonly encryptPlain: (() => ReturnType<typeof encryptPlainBlobs>) | undefined
}

/** Bytes where the settings say, encrypted, the small ones kept in memory. */
export async function openBlobs(config: Config, { metadata, keyring, onDamaged }: BlobParts): Promise<OpenedBlobs> {
  const wrappingKeys = createWrappingKeys({ directory: join(config.dataDir, 'keys'), keyring, randomBytes })
  const wrapping = await openWrapping(config, wrappingKeys)
  const keys = new StoredDomainKeys({ metadata, wrapping, randomBytes, clock: Date.now })
  const store = await openStore(config)
  const newBlobs = isEncrypting(config) ? 'encrypted' : 'plain'
  if (newBlobs === 'encrypted' && config.blobUrl?.redirect)
    throw new Error('blobUrl has redirect, which needs encryption auto or off: nobody else can decrypt what we encrypt')
  const stored = encryptedBlobs({ store, keys, randomBytes, newBlobs, onDamaged })
  const limits = { limitBytes: config.blobCacheBytes, blobBytesMax: CACHED_BLOB_BYTES_MAX }
  const blobCounts = newCacheCounts()
  return {
    blobs: cachedBlobs(stored, limits, blobCounts),
    blobCounts,
    stored,
    keys,
    wrappingKeys: config.kmsKey === undefined ? wrappingKeys : undefined,
    encryptPlain: newBlobs === 'plain' ? undefined : () => encryptPlainBlobs({ store, encrypted: stored }),
  }
}

/** The store itself: what it holds may be encrypted. Each kind is loaded only where it is used. */
export async function openStore({ blobUrl, dataDir, region }: Config): Promise<BlobStore> {
  if (blobUrl === undefined) {
    const { diskBlobStore } = await import('../storage/blobs/disk.ts')
    return diskBlobStore({ directory: join(dataDir, 'blobs') })
  }
  const { s3BlobStore } = await import('../storage/blobs/s3/s3.ts')
  return s3BlobStore({ settings: blobUrl, region, stagingDirectory: join(dataDir, 'staging') })
}

function isEncrypting({ encryption, blobUrl }: Config): boolean {
  return encryption === 'on' || (encryption === 'auto' && blobUrl?.storeEncryption === undefined)
}

/** Keys that the keyring has wrapped stay readable when a key service wraps the new ones. */
async function openWrapping({ kmsKey, kmsEndpoint, region }: Config, own: WrappingKeys): Promise<KeyWrapping> {
  const unwrapOwn: KeyWrapping['unwrap'] = async (key, context) => {
    if (!key.wrappedBy.startsWith('kms:')) return own.unwrap(key, context)
    throw new Error(`a domain's key is wrapped by ${key.wrappedBy}: set kmsKey, so that it can be unwrapped`)
  }
  if (kmsKey === undefined) return { wrap: own.wrap, unwrap: unwrapOwn }
  const { createKmsWrapping } = await import('../access/kms-wrapping.ts')
  const kms = createKmsWrapping({ keyId: kmsKey, endpoint: kmsEndpoint, region })
  return {
    wrap: kms.wrap,
    unwrap: async (key, context) => (key.wrappedBy.startsWith('kms:') ? kms : own).unwrap(key, context),
  }
}
