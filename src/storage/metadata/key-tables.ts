/** Keys that domains are encrypted under. Primary key: id. Index: (account_id, id). */
export interface EncryptionKeyTable {
  /** A UUID, of any version. */
  id: string
  account_id: string
  /** 'CUSTOMER', or 'AWS' for the one that an account gets without asking. */
  manager: string
  description: string
  /** 'Enabled', 'Disabled' or 'PendingDeletion'. */
  state: string
  /** As it was given. */
  policy: string
  /** When a key in 'PendingDeletion' is gone. */
  deletion_at: number | null
  /** Null: its material is never changed. */
  rotation_days: number | null
  created_at: number
}

/** Primary key: (account_id, name). Index: (key_id). */
export interface EncryptionKeyAliasTable {
  account_id: string
  /** `alias/team` */
  name: string
  key_id: string
  created_at: number
  updated_at: number
}

/**
 * By which the data keys of a domain's blobs are wrapped. Rows outlive their domain, as its blobs do until they are swept.
 * Primary key: (domain_id, version).
 */
export interface DomainKeyTable {
  domain_id: string
  /** Counts from 1; new blobs take the last. */
  version: number
  /** Encrypted: 32 bytes nobody may see. */
  wrapped: Uint8Array
  /** What encrypted it: `keyring:1`, or `kms:` and the ARN of a key. */
  wrapped_by: string
  created_at: number
}
