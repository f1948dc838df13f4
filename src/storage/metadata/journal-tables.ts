/** A rule of the account's one bus, `default`. Primary key: id. Unique: (account_id, name). */
export interface EventRuleTable {
  id: string
  account_id: string
  name: string
  /** JSON, as it was given. */
  pattern: string
  /** 'ENABLED' or 'DISABLED'. */
  state: string
  description: string | null
  role_arn: string | null
  created_at: number
}

/** Primary key: id. Unique: (rule_id, target_id). Index: (arn, rule_id). */
export interface EventTargetTable {
  id: string
  rule_id: string
  /** As the rule's owner calls it. */
  target_id: string
  arn: string
  /** Everything else of EventBridge's `Target`. JSON. */
  settings: string
}

/** How webhooks are told who calls. Primary key: id. Unique: (account_id, name). */
export interface EventConnectionTable {
  id: string
  account_id: string
  name: string
  description: string | null
  /** 'API_KEY', 'BASIC' or 'OAUTH_CLIENT_CREDENTIALS'. */
  kind: string
  /** What may be shown of it. JSON. */
  shown: string
  /** JSON, sealed by the master key. */
  secrets_sealed: Uint8Array
  created_at: number
  updated_at: number
}

/** Where webhooks are. Primary key: id. Unique: (account_id, name). Index: (connection_id). */
export interface EventDestinationTable {
  id: string
  account_id: string
  name: string
  description: string | null
  connection_id: string
  endpoint: string
  method: string
  /** Requests. */
  per_second: number
  created_at: number
  updated_at: number
}

/**
 * An event on its way to a target, or given up. Primary key: id (UUID v7). Index: (target_key, due_at) and
 * (target_key, line, sequence) where it is due some day, (state, account_id, id), (target_key, id).
 */
export interface EventDeliveryTable {
  id: string
  /** `event_targets.id` */
  target_key: string
  account_id: string
  event_id: string
  /** What is delivered one after the other: a version of a package. */
  line: string
  sequence: number
  /** The event as the account receives it. JSON. */
  body: string
  /** 'pending' or 'dead'. */
  state: string
  attempts: number
  /** Not before then; null when it is dead. While it is being sent: when others may try again. */
  due_at: number | null
  created_at: number
  failed_at: number | null
  last_error: string | null
}

/**
 * Audit records, many at a time. Primary key: id (UUID v7). Unique: (sequence). Index: (id) where it is not sealed,
 * (last_at, id).
 */
export interface AuditSegmentTable {
  id: string
  /** From 1 without gaps; null until it is sealed. */
  sequence: number | null
  /** Of its oldest and its newest record. */
  first_at: number
  last_at: number
  record_count: number
  /** Lines of time and JSON, compressed with zstd. */
  body: Uint8Array
  body_sha256: string
  /** Of all this and of the segment before, under a key; null until it is sealed. */
  hash: string | null
}

/** In which segments to look. Primary key: all. Index: (segment_id). */
export interface AuditSegmentKeyTable {
  account_id: string
  /** 52 bits of the SHA-256 of attribute and value. */
  key: number
  last_at: number
  segment_id: string
}

/** The chain's two ends. One row. */
export interface AuditChainTable {
  id: number
  /** Of the newest sealed segment; 0 and '' when there was none. */
  sequence: number
  hash: string
  /** Of the newest segment that was given up for its age. */
  first_sequence: number
  first_hash: string
}

/** Reads and writes of one day. Primary key: (day, kind, name). */
export interface UsageCountTable {
  /** Days since 1970, in UTC. */
  day: number
  /** 'account', 'domain', 'repository', 'package' or 'principal'. */
  kind: string
  name: string
  requests: number
  bytes: number
}

/**
 * When an asset of a version was last asked for, to the hour. Primary key: all but `used_at`. Index: (format, namespace,
 * name, version, repository_id).
 */
export interface VersionUseTable {
  repository_id: string
  format: string
  namespace: string
  name: string
  version: string
  used_at: number
}
