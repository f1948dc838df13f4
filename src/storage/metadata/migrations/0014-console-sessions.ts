import type { Migration } from '../migrations.ts'

/** Who is signed in to the console. */
export const consoleSessions: Migration = {
  name: '0014-console-sessions',
  statements: ({ text, integer, tableEnd }) => [
    `create table console_sessions (
      session_id ${text} primary key,
      token_sha256 ${text} not null unique,
      access_key_id ${text} not null,
      account_id ${text} not null,
      principal_arn ${text} not null,
      remote_address ${text} not null,
      user_agent ${text} not null,
      begun_at ${integer} not null,
      used_at ${integer} not null,
      expires_at ${integer} not null
    ) ${tableEnd}`,
    'create index console_sessions_by_account on console_sessions (account_id, begun_at, session_id)',
    'create index console_sessions_by_end on console_sessions (expires_at)',
  ],
}
