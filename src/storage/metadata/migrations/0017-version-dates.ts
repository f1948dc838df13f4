import type { Migration } from '../migrations.ts'

/** When upstreams published versions of which their indexes do not say it. */
export const versionDates: Migration = {
  name: '0017-version-dates',
  statements: ({ text, integer, tableEnd }) => [
    `create table upstream_version_dates (
      source ${text} not null,
      format ${text} not null,
      namespace ${text} not null,
      name ${text} not null,
      version ${text} not null,
      published_at ${integer} not null,
      primary key (source, format, namespace, name, version)
    ) ${tableEnd}`,
  ],
}
