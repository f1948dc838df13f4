import type { ColumnTypes, Migration } from '../migrations.ts'

/** Every table of `schema.ts`. */
export const tables: Migration = {
  name: '0001-tables',
  statements: (types) => [
    ...identityTables(types),
    ...topologyTables(types),
    ...packageTables(types),
    ...contentTables(types),
    ...versionTables(types),
    ...journalTables(types),
  ],
}

function identityTables({ text, integer, blob, tableEnd }: ColumnTypes): string[] {
  return [
    `create table accounts (
      id ${text} primary key,
      name ${text} not null,
      created_at ${integer} not null
    ) ${tableEnd}`,
    `create table users (
      user_id ${text} primary key,
      account_id ${text} not null references accounts (id),
      name ${text} not null,
      path ${text} not null,
      is_administrator ${integer} not null,
      created_at ${integer} not null,
      unique (account_id, name)
    ) ${tableEnd}`,
    `create table access_keys (
      access_key_id ${text} primary key,
      user_id ${text} not null references users (user_id) on delete cascade,
      secret_sealed ${blob} not null,
      status ${text} not null,
      created_at ${integer} not null
    ) ${tableEnd}`,
    'create index access_keys_by_user on access_keys (user_id)',
  ]
}

function topologyTables({ text, integer, tableEnd }: ColumnTypes): string[] {
  return [
    `create table domains (
      id ${text} primary key,
      owner ${text} not null references accounts (id),
      name ${text} not null,
      encryption_key ${text} not null,
      asset_size_bytes ${integer} not null,
      repository_count ${integer} not null,
      created_at ${integer} not null,
      unique (owner, name)
    ) ${tableEnd}`,
    `create table repositories (
      id ${text} primary key,
      domain_id ${text} not null references domains (id) on delete cascade,
      name ${text} not null,
      administrator_account ${text} not null,
      description ${text} not null,
      created_at ${integer} not null,
      unique (domain_id, name)
    ) ${tableEnd}`,
    'create index repositories_by_administrator on repositories (administrator_account, name, id)',
    // A removed repository leaves the lists that it was upstream in; the positions left over keep their order.
    `create table repository_upstreams (
      repository_id ${text} not null references repositories (id) on delete cascade,
      position ${integer} not null,
      upstream_id ${text} not null references repositories (id) on delete cascade,
      primary key (repository_id, position)
    ) ${tableEnd}`,
    'create index repository_upstreams_by_upstream on repository_upstreams (upstream_id)',
    `create table repository_connections (
      repository_id ${text} not null references repositories (id) on delete cascade,
      format ${text} not null,
      connection ${text} not null,
      primary key (repository_id, format)
    ) ${tableEnd}`,
    // No foreign key: the resource is a domain or a repository.
    `create table resource_tags (
      resource_id ${text} not null,
      key ${text} not null,
      value ${text} not null,
      primary key (resource_id, key)
    ) ${tableEnd}`,
  ]
}

function packageTables({ text, integer, tableEnd }: ColumnTypes): string[] {
  return [
    `create table packages (
      id ${text} primary key,
      domain_id ${text} not null references domains (id) on delete cascade,
      repository_id ${text} not null references repositories (id) on delete cascade,
      format ${text} not null,
      namespace ${text} not null,
      name ${text} not null,
      publish_restriction ${text} not null,
      upstream_restriction ${text} not null,
      event_sequence ${integer} not null,
      created_at ${integer} not null,
      updated_at ${integer} not null,
      unique (repository_id, format, namespace, name)
    ) ${tableEnd}`,
    'create index packages_by_domain on packages (domain_id, format, namespace, name, repository_id)',
    `create table package_tags (
      package_id ${text} not null references packages (id) on delete cascade,
      tag ${text} not null,
      version ${text} not null,
      primary key (package_id, tag)
    ) ${tableEnd}`,
  ]
}

function contentTables({ text, integer, blob, tableEnd }: ColumnTypes): string[] {
  return [
    `create table version_contents (
      id ${text} primary key,
      domain_id ${text} not null references domains (id) on delete cascade,
      format ${text} not null,
      namespace ${text} not null,
      name ${text} not null,
      version ${text} not null,
      revision ${text} not null,
      document ${text} not null,
      facts ${text} not null,
      readme ${text},
      is_inspected ${integer} not null,
      created_at ${integer} not null,
      unique (domain_id, format, namespace, name, version, revision)
    ) ${tableEnd}`,
    `create table version_assets (
      content_id ${text} not null references version_contents (id) on delete cascade,
      name ${text} not null,
      domain_id ${text} not null,
      sha256 ${text} not null,
      sha512 ${text} not null,
      sha1 ${text} not null,
      md5 ${text} not null,
      size_bytes ${integer} not null,
      primary key (content_id, name)
    ) ${tableEnd}`,
    'create index version_assets_by_blob on version_assets (domain_id, sha256)',
    // No foreign key: the row is what reminds the sweep of the bytes after their domain is gone.
    `create table blobs (
      domain_id ${text} not null,
      sha256 ${text} not null,
      size_bytes ${integer} not null,
      created_at ${integer} not null,
      primary key (domain_id, sha256)
    ) ${tableEnd}`,
    `create table upstream_indexes (
      source ${text} not null,
      format ${text} not null,
      namespace ${text} not null,
      name ${text} not null,
      document ${blob},
      document_bytes ${integer} not null,
      etag ${text},
      last_modified ${text},
      changed_at ${integer} not null,
      checked_at ${integer} not null,
      primary key (source, format, namespace, name)
    ) ${tableEnd}`,
  ]
}

function versionTables({ text, integer, tableEnd }: ColumnTypes): string[] {
  return [
    `create table repository_versions (
      id ${text} primary key,
      package_id ${text} not null references packages (id) on delete cascade,
      content_id ${text} not null references version_contents (id),
      version ${text} not null,
      status ${text} not null,
      origin_type ${text} not null,
      entry_point ${text},
      published_at ${integer} not null,
      created_at ${integer} not null,
      unique (package_id, version)
    ) ${tableEnd}`,
    'create index repository_versions_by_content on repository_versions (content_id)',
    'create index repository_versions_by_time on repository_versions (package_id, published_at, version)',
  ]
}

/** No foreign keys here: facts outlive what they are about. */
function journalTables({ text, integer, sequence, tableEnd }: ColumnTypes): string[] {
  return [
    `create table events (
      id ${text} primary key,
      domain_id ${text} not null,
      package_id ${text} not null,
      sequence ${integer} not null,
      body ${text} not null,
      created_at ${integer} not null,
      delivered_at ${integer}
    ) ${tableEnd}`,
    'create index events_by_delivery on events (delivered_at, id)',
    `create table audit_records (
      id ${text} primary key,
      body ${text} not null,
      created_at ${integer} not null
    ) ${tableEnd}`,
    'create index audit_records_by_time on audit_records (created_at, id)',
    `create table changes (
      sequence ${sequence},
      scope ${text} not null,
      created_at ${integer} not null
    ) ${tableEnd}`,
  ]
}
