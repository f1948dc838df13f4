import type { ColumnTypes, Migration } from '../migrations.ts'

/** Known vulnerabilities of packages, where they were read, and which versions in use they were found in. */
export const advisories: Migration = {
  name: '0019-advisories',
  statements: ({ text, integer, tableEnd }: ColumnTypes) => [
    `create table advisory_feeds (
      id ${text} primary key,
      source ${text} not null,
      generation ${text},
      etag ${text},
      last_modified ${text},
      imported_at ${integer},
      checked_at ${integer},
      failed_at ${integer},
      error ${text},
      counts ${text}
    ) ${tableEnd}`,
    // Without references, as generations come and go a few hundred rows at a time.
    `create table advisories (
      feed_id ${text} not null,
      generation ${text} not null,
      format ${text} not null,
      namespace ${text} not null,
      name ${text} not null,
      advisory_id ${text} not null,
      body ${text} not null,
      primary key (feed_id, generation, format, namespace, name, advisory_id)
    ) ${tableEnd}`,
    'create index advisories_by_package on advisories (format, namespace, name)',
    `create table advisory_names (
      alias ${text} not null,
      feed_id ${text} not null,
      generation ${text} not null,
      advisory_id ${text} not null,
      format ${text} not null,
      namespace ${text} not null,
      name ${text} not null,
      primary key (alias, feed_id, generation, advisory_id, format, namespace, name)
    ) ${tableEnd}`,
    'create index advisory_names_by_generation on advisory_names (feed_id, generation)',
    `create table advisory_findings (
      domain_id ${text} not null references domains (id) on delete cascade,
      format ${text} not null,
      namespace ${text} not null,
      name ${text} not null,
      version ${text} not null,
      advisory_id ${text} not null,
      severity ${text},
      repositories ${text} not null,
      found_at ${integer} not null,
      seen_at ${integer} not null,
      primary key (domain_id, format, namespace, name, version, advisory_id)
    ) ${tableEnd}`,
  ],
}
