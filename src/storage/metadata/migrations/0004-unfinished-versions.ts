import type { Migration } from '../migrations.ts'

/** What is known of versions while their assets come one by one, and what formats note beside versions. */
export const unfinishedVersions: Migration = {
  name: '0004-unfinished-versions',
  statements: ({ text, integer, tableEnd }) => [
    `alter table repository_versions add column finish_at ${integer}`,
    'create index repository_versions_to_finish on repository_versions (finish_at) where finish_at is not null',
    `create table version_faults (
      package_id ${text} not null,
      version ${text} not null,
      asset ${text} not null,
      message ${text} not null,
      primary key (package_id, version, asset),
      foreign key (package_id, version) references repository_versions (package_id, version) on delete cascade
    ) ${tableEnd}`,
    `create table package_notes (
      repository_id ${text} not null references repositories (id) on delete cascade,
      format ${text} not null,
      namespace ${text} not null,
      name ${text} not null,
      key ${text} not null,
      value ${text} not null,
      updated_at ${integer} not null,
      primary key (repository_id, format, namespace, name, key)
    ) ${tableEnd}`,
  ],
}
