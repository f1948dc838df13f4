import type { Migration } from '../migrations.ts'

/** Whom a trust policy named when it was put, so that it never means a later one of the same name. */
export const trustPrincipals: Migration = {
  name: '0011-trust-principals',
  // Those that are there already go on by name, until they are put again.
  statements: ({ text }) => [`alter table roles add column trust_principals ${text} not null default '{}'`],
}
