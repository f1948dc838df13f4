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
