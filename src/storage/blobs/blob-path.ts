import assert from 'node:assert/strict'
import path from 'node:path'

import type { BlobId } from './blob-store.ts'

/** Where bytes are on their way in. No domain can have this name. */
export const STAGING_FOLDER = '.staging'

const SHA256 = /^[0-9a-f]{64}$/
const DOMAIN_ID = /^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$/

/** `<domain>/<first two digits>/<sha256>`. A name that isn't one never becomes part of a path. */
export function blobPath(directory: string, blob: BlobId): string {
  checkBlobId(blob)
  return path.join(directory, blob.domainId, blob.sha256.slice(0, 2), blob.sha256)
}

export function domainFolder(directory: string, domainId: string): string {
  checkDomainId(domainId)
  return path.join(directory, domainId)
}

export function checkBlobId({ domainId, sha256 }: BlobId): void {
  assert.match(sha256, SHA256, `sha256 '${sha256.slice(0, 100)}' must be 64 hexadecimal digits in lower case`)
  checkDomainId(domainId)
}

export function checkDomainId(domainId: string): void {
  assert.match(domainId, DOMAIN_ID, `domain id '${domainId.slice(0, 100)}' must be 1 to 64 letters, digits, "-" or "_"`)
}

export function isBlobName(name: string): boolean {
  return SHA256.test(name)
}

export function isDomainFolder(name: string): boolean {
  return DOMAIN_ID.test(name)
}
