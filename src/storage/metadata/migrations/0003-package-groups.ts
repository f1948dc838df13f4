import type { Migration } from '../migrations.ts'

/** Package groups, who decided about a package, and what is needed to find packages by their looks. */
export const packageGroups: Migration = {
  name: '0003-package-groups',
  statements: ({ text, integer, tableEnd }) => [
    `create table package_groups (
      id ${text} primary key,
      domain_id ${text} not null references domains (id) on delete cascade,
      pattern ${text} not null,
      description ${text} not null,
      contact_info ${text} not null,
      publish_mode ${text} not null,
      external_upstream_mode ${text} not null,
      internal_upstream_mode ${text} not null,
      created_at ${integer} not null,
      unique (domain_id, pattern)
    ) ${tableEnd}`,
    `create table package_group_repositories (
      group_id ${text} not null references package_groups (id) on delete cascade,
      restriction ${text} not null,
      repository_id ${text} not null references repositories (id) on delete cascade,
      primary key (group_id, restriction, repository_id)
    ) ${tableEnd}`,
    'create index package_group_repositories_by_repository on package_group_repositories (repository_id)',
    // Every domain has the root from birth; these were born before.
    `insert into package_groups
      select id || '/*', id, '/*', '', '', 'ALLOW', 'ALLOW', 'ALLOW', created_at from domains`,
    `alter table packages add column is_decided ${integer} not null default 0`,
    // Null until the next start, which knows what names look like.
    `alter table packages add column appearance ${text}`,
    'create index packages_by_appearance on packages (domain_id, appearance, format, namespace, name)',
    'create index packages_without_appearance on packages (id) where appearance is null',
    'create index repository_versions_by_origin on repository_versions (package_id, origin_type)',
  ],
}
