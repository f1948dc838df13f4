import type { Migration } from '../migrations.ts'

/** What is needed to find the packages of a repository that changed since a moment. */
export const packageChanges: Migration = {
  name: '0005-package-changes',
  statements: () => ['create index packages_by_change on packages (repository_id, format, updated_at)'],
}
