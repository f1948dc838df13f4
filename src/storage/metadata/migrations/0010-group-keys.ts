import type { Migration } from '../migrations.ts'

/**
 * What package groups and packages are found by, so that neither is read to find the other: see `registry/group-keys.ts`.
 * Null until the next start, which fills them.
 */
export const groupKeys: Migration = {
  name: '0010-group-keys',
  statements: ({ text }) => [
    `alter table package_groups add column spelling_key ${text}`,
    `alter table package_groups add column appearance_key ${text}`,
    'create index package_groups_by_spelling on package_groups (domain_id, spelling_key)',
    'create index package_groups_by_appearance on package_groups (domain_id, appearance_key)',
    'drop index packages_by_appearance',
    'drop index packages_without_appearance',
    'alter table packages drop column appearance',
    `alter table packages add column appearance_key ${text}`,
    'create index packages_by_appearance on packages (domain_id, appearance_key, format, namespace, name)',
    'create index packages_without_appearance on packages (id) where appearance_key is null',
  ],
}
