import type { ColumnTypes, Migration } from '../migrations.ts'

/** Rules and targets of events, what is on its way to them, the sealed audit trail, and what is counted of reads. */
export const eventsAndAudit: Migration = {
  name: '0012-events-and-audit',
  statements: (types) => [...ruleTables(types), ...deliveryTables(types), ...trailTables(types), ...usageTables(types)],
}

function ruleTables({ text, integer, blob, tableEnd }: ColumnTypes): string[] {
  return [
    `create table event_rules (
      id ${text} primary key,
      account_id ${text} not null references accounts (id),
      name ${text} not null,
      pattern ${text} not null,
      state ${text} not null,
      description ${text},
      role_arn ${text},
      created_at ${integer} not null,
      unique (account_id, name)
    ) ${tableEnd}`,
    `create table event_targets (
      id ${text} primary key,
      rule_id ${text} not null references event_rules (id) on delete cascade,
      target_id ${text} not null,
      arn ${text} not null,
      settings ${text} not null,
      unique (rule_id, target_id)
    ) ${tableEnd}`,
    'create index event_targets_by_arn on event_targets (arn, rule_id)',
    `create table event_connections (
      id ${text} primary key,
      account_id ${text} not null references accounts (id),
      name ${text} not null,
      description ${text},
      kind ${text} not null,
      shown ${text} not null,
      secrets_sealed ${blob} not null,
      created_at ${integer} not null,
      updated_at ${integer} not null,
      unique (account_id, name)
    ) ${tableEnd}`,
    `create table event_destinations (
      id ${text} primary key,
      account_id ${text} not null references accounts (id),
      name ${text} not null,
      description ${text},
      connection_id ${text} not null references event_connections (id),
      endpoint ${text} not null,
      method ${text} not null,
      per_second ${integer} not null,
      created_at ${integer} not null,
      updated_at ${integer} not null,
      unique (account_id, name)
    ) ${tableEnd}`,
    'create index event_destinations_by_connection on event_destinations (connection_id)',
  ]
}

/** No foreign keys here: what happened stays so when the rule is gone. */
function deliveryTables({ text, integer, tableEnd }: ColumnTypes): string[] {
  return [
    'create index events_to_route on events (package_id, sequence) where delivered_at is null',
    `create table event_deliveries (
      id ${text} primary key,
      target_key ${text} not null,
      account_id ${text} not null,
      event_id ${text} not null,
      line ${text} not null,
      sequence ${integer} not null,
      body ${text} not null,
      state ${text} not null,
      attempts ${integer} not null,
      due_at ${integer},
      created_at ${integer} not null,
      failed_at ${integer},
      last_error ${text}
    ) ${tableEnd}`,
    'create index event_deliveries_due on event_deliveries (target_key, due_at) where due_at is not null',
    'create index event_deliveries_in_line on event_deliveries (target_key, line, sequence) where due_at is not null',
    'create index event_deliveries_by_state on event_deliveries (state, account_id, id)',
    'create index event_deliveries_of_target on event_deliveries (target_key, id)',
  ]
}

function trailTables({ text, integer, blob, tableEnd }: ColumnTypes): string[] {
  return [
    `create table audit_segments (
      id ${text} primary key,
      sequence ${integer},
      first_at ${integer} not null,
      last_at ${integer} not null,
      record_count ${integer} not null,
      body ${blob} not null,
      body_sha256 ${text} not null,
      hash ${text}
    ) ${tableEnd}`,
    'create unique index audit_segments_by_sequence on audit_segments (sequence) where sequence is not null',
    'create index audit_segments_to_seal on audit_segments (id) where sequence is null',
    'create index audit_segments_by_time on audit_segments (last_at, id)',
    `create table audit_segment_keys (
      account_id ${text} not null,
      key ${integer} not null,
      last_at ${integer} not null,
      segment_id ${text} not null,
      primary key (account_id, key, last_at, segment_id)
    ) ${tableEnd}`,
    'create index audit_segment_keys_by_segment on audit_segment_keys (segment_id)',
    // One row: the end of the chain, and where it begins since older segments were given up.
    `create table audit_chain (
      id ${integer} primary key,
      sequence ${integer} not null,
      hash ${text} not null,
      first_sequence ${integer} not null,
      first_hash ${text} not null
    ) ${tableEnd}`,
    "insert into audit_chain values (1, 0, '', 0, '')",
  ]
}

function usageTables({ text, integer, tableEnd }: ColumnTypes): string[] {
  return [
    `create table usage_counts (
      day ${integer} not null,
      kind ${text} not null,
      name ${text} not null,
      requests ${integer} not null,
      bytes ${integer} not null,
      primary key (day, kind, name)
    ) ${tableEnd}`,
    `create table version_uses (
      repository_id ${text} not null references repositories (id) on delete cascade,
      format ${text} not null,
      namespace ${text} not null,
      name ${text} not null,
      version ${text} not null,
      used_at ${integer} not null,
      primary key (repository_id, format, namespace, name, version)
    ) ${tableEnd}`,
  ]
}
