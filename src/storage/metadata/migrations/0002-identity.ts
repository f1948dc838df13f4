import type { ColumnTypes, Migration } from '../migrations.ts'

/** Groups, roles, policies, sessions and tokens; policies take the place of the administrator's flag. */
export const identity: Migration = {
  name: '0002-identity',
  statements: (types) => [
    ...userChanges(types),
    ...groupTables(types),
    ...policyTables(types),
    ...sessionTables(types),
    ...resourcePolicyTables(types),
    // Whoever could do everything still can.
    `insert into policy_attachments (entity_id, policy_arn, created_at)
      select user_id, 'arn:aws:iam::aws:policy/AdministratorAccess', created_at from users where is_administrator = 1`,
    'alter table users drop column is_administrator',
  ],
}

function userChanges({ text, integer }: ColumnTypes): string[] {
  return [
    `alter table users add column permissions_boundary ${text}`,
    'create unique index users_by_folded_name on users (account_id, lower(name))',
    `alter table access_keys add column last_used_at ${integer}`,
    `alter table access_keys add column last_used_service ${text}`,
    `alter table access_keys add column last_used_region ${text}`,
  ]
}

function groupTables({ text, integer, tableEnd }: ColumnTypes): string[] {
  return [
    `create table user_groups (
      group_id ${text} primary key,
      account_id ${text} not null references accounts (id),
      name ${text} not null,
      path ${text} not null,
      created_at ${integer} not null
    ) ${tableEnd}`,
    'create unique index user_groups_by_folded_name on user_groups (account_id, lower(name))',
    `create table group_members (
      group_id ${text} not null references user_groups (group_id) on delete cascade,
      user_id ${text} not null references users (user_id) on delete cascade,
      primary key (group_id, user_id)
    ) ${tableEnd}`,
    'create index group_members_by_user on group_members (user_id)',
    `create table roles (
      role_id ${text} primary key,
      account_id ${text} not null references accounts (id),
      name ${text} not null,
      path ${text} not null,
      trust_policy ${text} not null,
      description ${text},
      session_seconds_max ${integer} not null,
      permissions_boundary ${text},
      created_at ${integer} not null
    ) ${tableEnd}`,
    'create unique index roles_by_folded_name on roles (account_id, lower(name))',
    `create table identity_providers (
      provider_id ${text} primary key,
      account_id ${text} not null references accounts (id),
      url ${text} not null,
      client_ids ${text} not null,
      thumbprints ${text} not null,
      created_at ${integer} not null,
      unique (account_id, url)
    ) ${tableEnd}`,
  ]
}

function policyTables({ text, integer, tableEnd }: ColumnTypes): string[] {
  return [
    `create table policies (
      policy_id ${text} primary key,
      account_id ${text} not null references accounts (id),
      name ${text} not null,
      path ${text} not null,
      description ${text},
      default_version ${integer} not null,
      last_version ${integer} not null,
      created_at ${integer} not null,
      updated_at ${integer} not null
    ) ${tableEnd}`,
    'create unique index policies_by_folded_name on policies (account_id, lower(name))',
    `create table policy_versions (
      policy_id ${text} not null references policies (policy_id) on delete cascade,
      version ${integer} not null,
      document ${text} not null,
      created_at ${integer} not null,
      primary key (policy_id, version)
    ) ${tableEnd}`,
    // No foreign keys: the entity is a user, a group or a role; the policy may be one that every account has.
    `create table policy_attachments (
      entity_id ${text} not null,
      policy_arn ${text} not null,
      created_at ${integer} not null,
      primary key (entity_id, policy_arn)
    ) ${tableEnd}`,
    'create index policy_attachments_by_policy on policy_attachments (policy_arn, entity_id)',
    `create table inline_policies (
      entity_id ${text} not null,
      name ${text} not null,
      document ${text} not null,
      primary key (entity_id, name)
    ) ${tableEnd}`,
  ]
}

function sessionTables({ text, integer, blob, tableEnd }: ColumnTypes): string[] {
  return [
    `create table sessions (
      access_key_id ${text} primary key,
      kind ${text} not null,
      entity_id ${text} not null,
      account_id ${text} not null,
      name ${text} not null,
      secret_sealed ${blob} not null,
      token_sha256 ${text} not null,
      facts ${text} not null,
      issued_at ${integer} not null,
      expires_at ${integer} not null
    ) ${tableEnd}`,
    'create index sessions_by_end on sessions (expires_at)',
    `create table tokens (
      token_id ${text} primary key,
      owner ${text} not null,
      domain ${text} not null,
      account_id ${text} not null,
      principal_id ${text} not null,
      principal_arn ${text} not null,
      access_key_id ${text} not null,
      issued_at ${integer} not null,
      expires_at ${integer} not null,
      revoked_at ${integer}
    ) ${tableEnd}`,
    'create index tokens_by_account on tokens (account_id, issued_at, token_id)',
    'create index tokens_by_end on tokens (expires_at)',
  ]
}

function resourcePolicyTables({ text, integer, tableEnd }: ColumnTypes): string[] {
  return [
    // No foreign key: the resource is a domain or a repository.
    `create table resource_policies (
      resource_id ${text} primary key,
      document ${text} not null,
      revision ${text} not null,
      principals ${text} not null,
      updated_at ${integer} not null
    ) ${tableEnd}`,
  ]
}
