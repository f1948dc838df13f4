import type { ColumnTypes, Migration } from '../migrations.ts'

/** What is kept whatever a rule says, which versions retention would remove, and what came of it. */
export const retention: Migration = {
  name: '0018-retention',
  statements: (types) => [...holdTables(types), ...runTables(types), ...indexes],
}

function holdTables({ text, integer, tableEnd }: ColumnTypes): string[] {
  return [
    `create table holds (
      id ${text} primary key,
      domain_id ${text} not null references domains (id) on delete cascade,
      repository_id ${text} references repositories (id) on delete cascade,
      pattern ${text} not null,
      spelling_key ${text} not null,
      version ${text} not null,
      against ${text} not null,
      reason ${text} not null,
      created_by ${text} not null,
      created_at ${integer} not null,
      ends_at ${integer}
    ) ${tableEnd}`,
    'create index holds_by_key on holds (domain_id, spelling_key, id)',
    'create index holds_of_repository on holds (repository_id) where repository_id is not null',
  ]
}

/** No foreign key to the rule: what was done stays known when the rule is gone. */
function runTables({ text, integer, tableEnd }: ColumnTypes): string[] {
  return [
    `create table retention_runs (
      id ${text} primary key,
      domain_id ${text} not null references domains (id) on delete cascade,
      rule_id ${text} not null,
      rule ${text} not null,
      purpose ${text} not null,
      state ${text} not null,
      position ${text} not null,
      figures ${text} not null,
      asked_by ${text} not null,
      confirmed_versions ${integer},
      created_at ${integer} not null,
      ended_at ${integer}
    ) ${tableEnd}`,
    'create index retention_runs_by_rule on retention_runs (domain_id, rule_id, created_at, id)',
    'create index retention_runs_to_do on retention_runs (purpose, created_at) where ended_at is null',
    `create table retention_candidates (
      run_id ${text} not null references retention_runs (id) on delete cascade,
      position ${integer} not null,
      reference_id ${text} not null,
      package_id ${text} not null,
      content_id ${text} not null,
      repository ${text} not null,
      format ${text} not null,
      namespace ${text} not null,
      name ${text} not null,
      version ${text} not null,
      status ${text} not null,
      origin_type ${text} not null,
      action ${text} not null,
      size_bytes ${integer} not null,
      used_at ${integer} not null,
      primary key (run_id, position)
    ) ${tableEnd}`,
    'create index retention_candidates_by_content on retention_candidates (run_id, content_id, reference_id)',
  ]
}

const indexes = [
  // When anybody last used a version, through whichever repository.
  'create index version_uses_by_name on version_uses (format, namespace, name, version, repository_id)',
]
