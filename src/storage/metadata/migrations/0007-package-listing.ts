import type { Migration } from '../migrations.ts'

/** Every order in which packages of a repository are listed, so that a filter reads what it shows and no more. */
export const packageListing: Migration = {
  name: '0007-package-listing',
  statements: () => [
    'create index packages_by_name on packages (repository_id, name, format, namespace)',
    'create index packages_by_format_and_name on packages (repository_id, format, name, namespace)',
    `create index packages_by_restrictions
      on packages (repository_id, publish_restriction, upstream_restriction, format, namespace, name)`,
  ],
}
