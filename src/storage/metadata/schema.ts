import type { Generated } from 'kysely'

/**
 * The one schema, for SQLite and PostgreSQL alike.
 *
 * Portable types only: text (compared byte-wise on both: `COLLATE "C"` on PostgreSQL), integer (up to 2^53, returned as
 * a number on both), blob. Times are milliseconds since 1970 in UTC. Ids are UUID v7 text unless a comment says otherwise.
 * JSON stands in text columns.
 */
export interface Schema {
  accounts: AccountTable
  users: UserTable
  access_keys: AccessKeyTable
  domains: DomainTable
  repositories: RepositoryTable
  repository_upstreams: RepositoryUpstreamTable
  repository_connections: RepositoryConnectionTable
  resource_tags: ResourceTagTable
  packages: PackageTable
  package_tags: PackageTagTable
  version_contents: VersionContentTable
  version_assets: VersionAssetTable
  blobs: BlobTable
  repository_versions: RepositoryVersionTable
  upstream_indexes: UpstreamIndexTable
  events: EventTable
  audit_records: AuditRecordTable
  changes: ChangeTable
}

/** Primary key: id. */
export interface AccountTable {
  /** 12 digits. */
  id: string
  name: string
  created_at: number
}

/** Primary key: user_id. Unique: (account_id, name). */
export interface UserTable {
  /** `AIDA` and 17 characters. */
  user_id: string
  account_id: string
  name: string
  path: string
  /** 1 while the user may do everything; policies replace this. */
  is_administrator: number
  created_at: number
}

/** Primary key: access_key_id. Index: (user_id). */
export interface AccessKeyTable {
  access_key_id: string
  user_id: string
  /** Encrypted under the installation's master key, as SigV4 needs the secret itself. */
  secret_sealed: Uint8Array
  /** 'Active' or 'Inactive'. */
  status: string
  created_at: number
}

/** Primary key: id. Unique: (owner, name). */
export interface DomainTable {
  id: string
  owner: string
  name: string
  encryption_key: string
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

/** Primary key: (resource_id, key). `resource_id` is the id of a domain or a repository. */
export interface ResourceTagTable {
  resource_id: string
  key: string
  value: string
}

/**
 * A package as one repository knows it. Primary key: id. Unique: (repository_id, format, namespace, name).
 * Index: (domain_id, format, namespace, name, repository_id).
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
 * Index: (content_id), (package_id, published_at, version).
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

/** The outbox. Primary key: id (UUID v7, so in order). Index: (delivered_at, id). */
export interface EventTable {
  id: string
  domain_id: string
  package_id: string
  sequence: number
  /** The event as EventBridge would carry it. JSON. */
  body: string
  created_at: number
  delivered_at: number | null
}

/** Primary key: id (UUID v7). Index: (created_at, id). */
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
