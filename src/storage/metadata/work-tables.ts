/**
 * Background work. Primary key: id. Unique: (kind) among those not ended. Index: (due_at) among those not ended,
 * (ended_at, id) among the others.
 */
export interface JobTable {
  id: string
  kind: string
  /** 'waiting', 'running', 'done' or 'failed'. */
  state: string
  /** What is to be done. JSON. */
  input: string
  /** Where a later attempt goes on. JSON. */
  progress: string | null
  /** What came of it. JSON. */
  outcome: string | null
  /** Why the last attempt failed. */
  error: string | null
  attempts: number
  /** When a process may take it; while one has it, when its lease ends. */
  due_at: number
  /** The attempt that has it. */
  lease_owner: string | null
  created_at: number
  started_at: number | null
  ended_at: number | null
}

/** Bytes that nothing was seen to refer to. Primary key: (domain_id, sha256). */
export interface UnreferencedBlobTable {
  domain_id: string
  sha256: string
  /** 'waiting' until the grace period is over, then 'removing' for as long as the bytes are being removed. */
  state: string
  found_at: number
}

/** Primary key: domain_id. */
export interface BlobSweepTable {
  domain_id: string
  /** Grows in each transaction after which bytes of the domain are removed. */
  generation: number
}

/** Which processes serve at the moment. Primary key: id. */
export interface ServerProcessTable {
  id: string
  seen_at: number
}
