import type { Migration } from '../migrations.ts'

/** Jobs, bytes that wait for their removal, and which processes serve. */
export const backgroundWork: Migration = {
  name: '0009-background-work',
  statements: ({ text, integer, tableEnd }) => [
    `create table jobs (
      id ${text} primary key,
      kind ${text} not null,
      state ${text} not null,
      input ${text} not null,
      progress ${text},
      outcome ${text},
      error ${text},
      attempts ${integer} not null,
      due_at ${integer} not null,
      lease_owner ${text},
      created_at ${integer} not null,
      started_at ${integer},
      ended_at ${integer}
    ) ${tableEnd}`,
    "create unique index jobs_open on jobs (kind) where state in ('waiting', 'running')",
    "create index jobs_due on jobs (due_at) where state in ('waiting', 'running')",
    'create index jobs_ended on jobs (ended_at, id) where ended_at is not null',
    // No foreign keys: the bytes may be there longer than their domain.
    `create table unreferenced_blobs (
      domain_id ${text} not null,
      sha256 ${text} not null,
      state ${text} not null,
      found_at ${integer} not null,
      primary key (domain_id, sha256)
    ) ${tableEnd}`,
    `create table blob_sweeps (
      domain_id ${text} primary key,
      generation ${integer} not null
    ) ${tableEnd}`,
    `create table server_processes (
      id ${text} primary key,
      seen_at ${integer} not null
    ) ${tableEnd}`,
  ],
}
