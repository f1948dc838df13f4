import type { Generated } from 'kysely'
import type { AdvisoryFeedTable, AdvisoryFindingTable, AdvisoryNameTable, AdvisoryTable } from './advisory-tables.ts'
import type { IdentitySchema } from './identity-schema.ts'
import type { BlobSweepTable, JobTable, ServerProcessTable, UnreferencedBlobTable } from './work-tables.ts'
import type {
  ApprovalDecisionTable,
  ApprovalRequestTable,
  GovernanceFindingTable,
  GovernanceRuleTable,
  GovernanceRuleVersionTable,
  UpstreamVersionDateTable,
} from './governance-tables.ts'
import type { HoldTable, RetentionCandidateTable, RetentionRunTable } from './retention-tables.ts'
import type { DomainKeyTable, EncryptionKeyAliasTable, EncryptionKeyTable } from './key-tables.ts'
import type {
  AuditChainTable,
  AuditSegmentKeyTable,
  AuditSegmentTable,
  EventConnectionTable,
  EventDeliveryTable,
  EventDestinationTable,
  EventRuleTable,
  EventTargetTable,
  UsageCountTable,
  VersionUseTable,
} from './journal-tables.ts'

/**
 * The one schema, for SQLite and PostgreSQL alike.
 *
 * Portable types only: text (compared byte-wise on both: `COLLATE "C"` on PostgreSQL), integer (up to 2^53, returned as
 * a number on both), blob. Times are milliseconds since 1970 in UTC. Ids are UUID v7 text unless a comment says otherwise.
 * JSON stands in text columns.
 */
export interface Schema extends IdentitySchema {
  encryption_keys: EncryptionKeyTable
  encryption_key_aliases: EncryptionKeyAliasTable
  domain_keys: DomainKeyTable
  domains: DomainTable
  repositories: RepositoryTable
  repository_upstreams: RepositoryUpstreamTable
  repository_connections: RepositoryConnectionTable
  resource_tags: ResourceTagTable
  package_groups: PackageGroupTable
  package_group_repositories: PackageGroupRepositoryTable
  packages: PackageTable
  package_tags: PackageTagTable
  version_contents: VersionContentTable
  version_assets: VersionAssetTable
  blobs: BlobTable
  repository_versions: RepositoryVersionTable
  package_name_parts: PackageNamePartTable
  version_faults: VersionFaultTable
  package_notes: PackageNoteTable
  submissions: SubmissionTable
  upstream_indexes: UpstreamIndexTable
  events: EventTable
  event_rules: EventRuleTable
  event_targets: EventTargetTable
  event_connections: EventConnectionTable
  event_destinations: EventDestinationTable
  event_deliveries: EventDeliveryTable
  audit_records: AuditRecordTable
  audit_segments: AuditSegmentTable
  audit_segment_keys: AuditSegmentKeyTable
  audit_chain: AuditChainTable
  usage_counts: UsageCountTable
  version_uses: VersionUseTable
  governance_rules: GovernanceRuleTable
  governance_rule_versions: GovernanceRuleVersionTable
  governance_findings: GovernanceFindingTable
  approval_decisions: ApprovalDecisionTable
  approval_requests: ApprovalRequestTable
  holds: HoldTable
  retention_runs: RetentionRunTable
  retention_candidates: RetentionCandidateTable
  advisory_feeds: AdvisoryFeedTable
  advisories: AdvisoryTable
  advisory_names: AdvisoryNameTable
  advisory_findings: AdvisoryFindingTable
  upstream_version_dates: UpstreamVersionDateTable
  changes: ChangeTable
  jobs: JobTable
  unreferenced_blobs: UnreferencedBlobTable
  blob_sweeps: BlobSweepTable
  server_processes: ServerProcessTable
}

/** Primary key: id. Unique: (owner, name). Index: (encryption_key). */
export interface DomainTable {
  id: string
  owner: string
  name: string
  /** The key's ARN. */
  encryption_key: string
  /** 0 while the key is disabled or given up; kept up to date in the transaction that changes the key. */
  is_key_usable: Generated<number>
  /** Sum of the sizes of the domain's blobs; kept up to date in the transaction that adds or removes one. */
  asset_size_bytes: number
  repository_count: number
  created_at: number
}

/** Primary key: id. Unique: (domain_id, name). Index: (administrator_account, name, id). */
export interface RepositoryTable {
  id: string
  domain_id: string
  name: string
  administrator_account: string
  description: string
  created_at: number
}

/** Primary key: (repository_id, position). Index: (upstream_id). `position` counts from 0 in order of priority. */
export interface RepositoryUpstreamTable {
  repository_id: string
  position: number
  upstream_id: string
}

/** Primary key: (repository_id, format): one external connection per format. */
export interface RepositoryConnectionTable {
  repository_id: string
  format: string
  /** `public:npmjs` */
  connection: string
}

/** Primary key: (resource_id, key). `resource_id` is the id of a domain, a repository or a package group. */
export interface ResourceTagTable {
  resource_id: string
  key: string
  value: string
}

/**
 * Primary key: id. Unique: (domain_id, pattern). Index: (domain_id, spelling_key), (domain_id, appearance_key).
 * Every domain has the root group, `/*`.
 */
export interface PackageGroupTable {
  id: string
  domain_id: string
  pattern: string
  /** What narrower groups' keys begin with: see `registry/group-keys.ts`. Null in rows that an older version wrote. */
  spelling_key: string | null
  /** What the keys of the packages begin with that it claims. Null as above. */
  appearance_key: string | null
  /** '' where there is none; so for `contact_info`. */
  description: string
  contact_info: string
  /** 'ALLOW', 'ALLOW_SPECIFIC_REPOSITORIES', 'BLOCK' or 'INHERIT'; so for the next two. */
  publish_mode: string
  external_upstream_mode: string
  internal_upstream_mode: string
  created_at: number
}

/**
 * Primary key: all of them, in this order. Each end of each name of a domain's packages, made by `registry/name-parts.ts`.
 */
export interface PackageNamePartTable {
  domain_id: string
  /** 0 where the name or its namespace begins, else 1. */
  is_inner: number
  /** Folded, and cut to 40 characters. */
  part: string
  format: string
  namespace: string
  name: string
  /** Of the part in `namespace/name`. Unit: characters. */
  position: number
}

/** Who is allowed where a group allows specific repositories. Primary key: all three. Index: (repository_id). */
export interface PackageGroupRepositoryTable {
  group_id: string
  /** 'PUBLISH', 'EXTERNAL_UPSTREAM' or 'INTERNAL_UPSTREAM'. */
  restriction: string
  repository_id: string
}

/**
 * A package as one repository knows it. Primary key: id. Unique: (repository_id, format, namespace, name).
 * Index: (domain_id, format, namespace, name, repository_id), (repository_id, format, updated_at),
 * (domain_id, appearance_key, format, namespace, name),
 * (id) of those without that key.
 */
export interface PackageTable {
  id: string
  domain_id: string
  repository_id: string
  format: string
  /** '' where there is none. */
  namespace: string
  name: string
  /** 'ALLOW' or 'BLOCK'. */
  publish_restriction: string
  upstream_restriction: string
  /** 1 when somebody set these restrictions, 0 while they are what the first version brought. */
  is_decided: number
  /** What its path looks like, as groups are found by: see `registry/group-keys.ts`. Null as in groups. */
  appearance_key: string | null
  /** Last sequence number given to an event of this package. */
  event_sequence: number
  created_at: number
  updated_at: number
}

/** Named pointers to versions, as npm's dist-tags. Primary key: (package_id, tag). */
export interface PackageTagTable {
  package_id: string
  tag: string
  version: string
}

/**
 * What a version is, stored once per domain and never changed. Primary key: id.
 * Unique: (domain_id, format, namespace, name, version, revision).
 */
export interface VersionContentTable {
  id: string
  domain_id: string
  format: string
  namespace: string
  name: string
  version: string
  /** Base64 of a SHA-256 over names, assets and document. */
  revision: string
  /** The format's own description, as npm's manifest. JSON. */
  document: string
  /** What CodeArtifact's operations say of a version (`VersionFacts`). JSON. */
  facts: string
  /** Null when there is none, or when `is_inspected` is 0. */
  readme: string | null
  /** 1 when the readme was looked for in the assets; 0 for versions from outside, which are inspected on demand. */
  is_inspected: number
  created_at: number
}

/** Primary key: (content_id, name). Index: (domain_id, sha256). */
export interface VersionAssetTable {
  content_id: string
  name: string
  domain_id: string
  sha256: string
  sha512: string
  sha1: string
  md5: string
  size_bytes: number
}

/** Bytes that a committed row may refer to. Primary key: (domain_id, sha256). */
export interface BlobTable {
  domain_id: string
  sha256: string
  size_bytes: number
  created_at: number
}

/**
 * A reference: this repository holds this content as this version. Primary key: id. Unique: (package_id, version).
 * Index: (content_id), (package_id, published_at, version), (package_id, origin_type), (finish_at) where there is one.
 */
export interface RepositoryVersionTable {
  id: string
  package_id: string
  content_id: string
  version: string
  /** 'Unfinished', 'Published', 'Unlisted', 'Archived' or 'Disposed'. */
  status: string
  /** 'INTERNAL', 'EXTERNAL' or 'UNKNOWN'. */
  origin_type: string
  /** The repository's or the external connection's name, by `origin_type`. */
  entry_point: string | null
  published_at: number
  created_at: number
  /** When an Unfinished version becomes Published by itself; null: when somebody says so. */
  finish_at: number | null
}

/**
 * What is wrong with an asset of an Unfinished version, which therefore cannot be finished. Goes with the version.
 * Primary key: (package_id, version, asset).
 */
export interface VersionFaultTable {
  package_id: string
  version: string
  asset: string
  message: string
}

/**
 * What a format notes of a name in one repository, beside versions; there need be no package of that name.
 * Primary key: (repository_id, format, namespace, name, key).
 */
export interface PackageNoteTable {
  repository_id: string
  format: string
  namespace: string
  name: string
  key: string
  /** The format's own business. JSON. */
  value: string
  updated_at: number
}

/** A publish that was answered before it was done. Primary key: id. Index: (created_at). */
export interface SubmissionTable {
  id: string
  repository_id: string
  format: string
  namespace: string
  name: string
  version: string
  /** What came of it, in the format's own words. JSON. Null: nothing yet. */
  outcome: string | null
  /** What nobody expected, for whoever looks after it. */
  error: string | null
  created_at: number
}

/**
 * The last index read from an external connection. Primary key: (source, format, namespace, name).
 * `source` is the connection's name and its address, so that a changed address starts afresh.
 */
export interface UpstreamIndexTable {
  source: string
  format: string
  namespace: string
  name: string
  /** Null: the upstream said that there is no such package. Else the document, compressed with zstd. */
  document: Uint8Array | null
  /** Size before compression. Unit: bytes. */
  document_bytes: number
  etag: string | null
  last_modified: string | null
  /** When the document last changed, and when the upstream was last asked. */
  changed_at: number
  checked_at: number
}

/**
 * The outbox. Primary key: id (UUID v7, so in order). Index: (delivered_at, id), (package_id, sequence) of those that are
 * still to be routed.
 */
export interface EventTable {
  id: string
  domain_id: string
  package_id: string
  sequence: number
  /** The event as EventBridge would carry it. JSON. */
  body: string
  created_at: number
  /** When it was handed to the targets of matching rules. */
  delivered_at: number | null
}

/** Records until they are sealed into segments. Primary key: id (UUID v7). Index: (created_at, id). */
export interface AuditRecordTable {
  id: string
  /** The event as CloudTrail would carry it. JSON. */
  body: string
  created_at: number
}

/**
 * What changed, so that other processes drop what they remember. Primary key: sequence (grows by itself).
 * Old rows are removed; a process that missed some forgets everything.
 */
export interface ChangeTable {
  sequence: Generated<number>
  scope: string
  created_at: number
}
