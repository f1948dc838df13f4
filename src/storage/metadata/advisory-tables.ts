/** A source of advisories, as it was read last. Primary key: id. Times: ms since 1970. */
export interface AdvisoryFeedTable {
  id: string
  /** The address or path that it is read from. */
  source: string
  /** Which rows of `advisories` count. Null: none was ever read whole. */
  generation: string | null
  etag: string | null
  last_modified: string | null
  imported_at: number | null
  /** When it was last found unchanged, or read. */
  checked_at: number | null
  /** Since when it cannot be read; null while it can. */
  failed_at: number | null
  error: string | null
  /** Of the generation. JSON. */
  counts: string | null
}

/**
 * One advisory on one package. Only those of their feed's generation count; others are being written or removed.
 * Primary key: all but `body`. Index: (format, namespace, name).
 */
export interface AdvisoryTable {
  feed_id: string
  generation: string
  format: string
  namespace: string
  name: string
  advisory_id: string
  /** What is known (`Advisory`). JSON. */
  body: string
}

/** What else an advisory is called, its own id included. Primary key: all. Index: (feed_id, generation). */
export interface AdvisoryNameTable {
  alias: string
  feed_id: string
  generation: string
  advisory_id: string
  format: string
  namespace: string
  name: string
}

/**
 * A version in use that an advisory is about, as it was announced.
 * Primary key: (domain_id, format, namespace, name, version, advisory_id).
 */
export interface AdvisoryFindingTable {
  domain_id: string
  format: string
  namespace: string
  name: string
  version: string
  advisory_id: string
  severity: string | null
  /** Names of the repositories that keep it. JSON. */
  repositories: string
  found_at: number
  /** When it was last looked for and found. */
  seen_at: number
}
