import type { Migration } from '../migrations.ts'

/** Keys, their aliases, and whether a domain's key can be used. */
export const encryptionKeys: Migration = {
  name: '0006-encryption-keys',
  statements: ({ text, integer, tableEnd }) => [
    `create table encryption_keys (
      id ${text} primary key,
      account_id ${text} not null references accounts (id),
      manager ${text} not null,
      description ${text} not null,
      state ${text} not null,
      policy ${text} not null,
      deletion_at ${integer},
      rotation_days ${integer},
      created_at ${integer} not null
    ) ${tableEnd}`,
    'create index encryption_keys_by_account on encryption_keys (account_id, id)',
    `create table encryption_key_aliases (
      account_id ${text} not null references accounts (id),
      name ${text} not null,
      key_id ${text} not null references encryption_keys (id) on delete cascade,
      created_at ${integer} not null,
      updated_at ${integer} not null,
      primary key (account_id, name)
    ) ${tableEnd}`,
    'create index encryption_key_aliases_by_key on encryption_key_aliases (key_id)',
    // Keys were not kept before: those of older domains are taken for usable, as they were.
    `alter table domains add column is_key_usable ${integer} not null default 1`,
    'create index domains_by_key on domains (encryption_key)',
  ],
}
