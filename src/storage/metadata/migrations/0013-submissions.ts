import type { Migration } from '../migrations.ts'

/** Publishes that were answered before they were done, and what came of them. */
export const submissions: Migration = {
  name: '0013-submissions',
  statements: ({ text, integer, tableEnd }) => [
    `create table submissions (
      id ${text} primary key,
      repository_id ${text} not null,
      format ${text} not null,
      namespace ${text} not null,
      name ${text} not null,
      version ${text} not null,
      outcome ${text},
      error ${text},
      created_at ${integer} not null
    ) ${tableEnd}`,
    'create index submissions_created on submissions (created_at)',
  ],
}
