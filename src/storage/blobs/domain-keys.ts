import type { KeyObject } from 'node:crypto'

/** The keys by which the data keys of a domain's blobs are wrapped. */
export interface DomainKeys {
  /** The one for new blobs; made when there is none yet. */
  newest(domainId: string): Promise<DomainKey>
  /** Throws `DomainKeyMissingError`. */
  find(domainId: string, version: number): Promise<DomainKey>
}

export interface DomainKey {
  readonly domainId: string
  /** Counts from 1 within the domain. */
  readonly version: number
  readonly key: KeyObject
}

export class DomainKeyMissingError extends Error {
  constructor(domainId: string, version: number) {
    super(`domain ${domainId} has no key of version ${version}`)
    this.name = 'DomainKeyMissingError'
  }
}
