import type { Migration } from '../migrations.ts'

/**
 * Every end of every package's name, so that a name is found by any piece of it: a range of one index, in the order in
 * which hits are shown, on both databases alike. `registry/name-parts.ts` makes the same rows for what comes later.
 */
export const packageNameParts: Migration = {
  name: '0015-package-name-parts',
  statements: ({ text, integer, tableEnd }) => [
    `create table package_name_parts (
      domain_id ${text} not null references domains (id) on delete cascade,
      is_inner ${integer} not null,
      part ${text} not null,
      format ${text} not null,
      namespace ${text} not null,
      name ${text} not null,
      position ${integer} not null,
      primary key (domain_id, is_inner, part, format, namespace, name, position)
    ) ${tableEnd === 'strict' ? 'strict, without rowid' : tableEnd}`,
    `insert into package_name_parts (domain_id, is_inner, part, format, namespace, name, position)
      with recursive positions (at) as (select 0 union all select at + 1 from positions where at < 127),
      names as (
        select distinct domain_id, format, namespace, name,
          lower(case when namespace = '' then name else namespace || '/' || name end) as path,
          case when namespace = '' then 0 else length(namespace) + 1 end as begins
        from packages
      )
      select domain_id, case when at = 0 or at = begins then 0 else 1 end, substr(path, at + 1, 40),
        format, namespace, name, at
      from names cross join positions where at < length(path)`,
  ],
}
