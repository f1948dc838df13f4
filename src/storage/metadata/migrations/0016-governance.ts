import type { ColumnTypes, Migration } from '../migrations.ts'

/** Rules about versions with their history, what was decided about packages, who asked, and what rules were seen to do. */
export const governance: Migration = {
  name: '0016-governance',
  statements: (types) => [...ruleTables(types), ...approvalTables(types)],
}

function ruleTables({ text, integer, tableEnd }: ColumnTypes): readonly string[] {
  return [
    `create table governance_rules (
      id ${text} primary key,
      domain_id ${text} not null references domains (id) on delete cascade,
      name ${text} not null,
      kind ${text} not null,
      mode ${text} not null,
      scope_type ${text} not null,
      scope ${text} not null,
      parameters ${text} not null,
      description ${text} not null,
      contact ${text} not null,
      version ${integer} not null,
      created_at ${integer} not null,
      created_by ${text} not null,
      updated_at ${integer} not null,
      updated_by ${text} not null,
      unique (domain_id, name)
    ) ${tableEnd}`,
    // The history outlives its rule, and goes with the domain.
    `create table governance_rule_versions (
      domain_id ${text} not null references domains (id) on delete cascade,
      name ${text} not null,
      changed_at ${integer} not null,
      id ${text} not null,
      rule_id ${text} not null,
      version ${integer} not null,
      change ${text} not null,
      changed_by ${text} not null,
      body ${text} not null,
      primary key (domain_id, name, id)
    ) ${tableEnd}`,
    `create table governance_findings (
      rule_id ${text} not null references governance_rules (id) on delete cascade,
      repository_id ${text} not null references repositories (id) on delete cascade,
      format ${text} not null,
      namespace ${text} not null,
      name ${text} not null,
      version ${text} not null,
      reason ${text} not null,
      seen_count ${integer} not null,
      first_seen_at ${integer} not null,
      last_seen_at ${integer} not null,
      primary key (rule_id, repository_id, format, namespace, name, version)
    ) ${tableEnd}`,
    'create index governance_findings_by_repository on governance_findings (repository_id)',
  ]
}

function approvalTables({ text, integer, tableEnd }: ColumnTypes): readonly string[] {
  return [
    `create table approval_decisions (
      id ${text} primary key,
      domain_id ${text} not null references domains (id) on delete cascade,
      format ${text} not null,
      namespace ${text} not null,
      name ${text} not null,
      versions ${text} not null,
      repository_id ${text} not null,
      kind ${text} not null,
      comment ${text} not null,
      decided_at ${integer} not null,
      decided_by ${text} not null,
      expires_at ${integer}
    ) ${tableEnd}`,
    'create unique index approval_decisions_about on approval_decisions (domain_id, format, namespace, name, repository_id, versions, kind)',
    'create index approval_decisions_listed on approval_decisions (domain_id, id)',
    `create table approval_requests (
      id ${text} primary key,
      domain_id ${text} not null references domains (id) on delete cascade,
      repository_id ${text} not null references repositories (id) on delete cascade,
      format ${text} not null,
      namespace ${text} not null,
      name ${text} not null,
      version ${text} not null,
      rule_name ${text} not null,
      state ${text} not null,
      asked_count ${integer} not null,
      first_asked_at ${integer} not null,
      last_asked_at ${integer} not null,
      asked_by ${text} not null,
      reason ${text} not null,
      decision_id ${text},
      unique (repository_id, format, namespace, name, version)
    ) ${tableEnd}`,
    'create index approval_requests_listed on approval_requests (domain_id, state, id)',
    'create index approval_requests_about on approval_requests (domain_id, format, namespace, name, state)',
  ]
}
