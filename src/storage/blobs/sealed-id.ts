import type { BlobId } from './blob-store.ts'

/** What follows a domain's id where its encrypted blobs are, so that nothing takes one kind for the other. */
const SUFFIX = '-sealed'

/** Under which name the encrypted bytes of a domain's blobs are stored. */
export function sealedDomain(domainId: string): string {
  return domainId + SUFFIX
}

export function sealedId({ domainId, sha256 }: BlobId): BlobId {
  return { domainId: sealedDomain(domainId), sha256 }
}

/** The domain whose encrypted blobs these are; undefined for a place of plain ones. */
export function domainOfSealed(name: string): string | undefined {
  return name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : undefined
}
