import type { Migration } from '../migrations.ts'

/** The keys by which blobs are encrypted, wrapped. Blobs that were stored before have none. */
export const domainKeys: Migration = {
  name: '0008-domain-keys',
  statements: ({ text, integer, blob, tableEnd }) => [
    `create table domain_keys (
      domain_id ${text} not null,
      version ${integer} not null,
      wrapped ${blob} not null,
      wrapped_by ${text} not null,
      created_at ${integer} not null,
      primary key (domain_id, version)
    ) ${tableEnd}`,
  ],
}
