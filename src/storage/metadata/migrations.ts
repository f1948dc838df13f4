import { tables } from './migrations/0001-tables.ts'
import { identity } from './migrations/0002-identity.ts'
import { packageGroups } from './migrations/0003-package-groups.ts'
import { unfinishedVersions } from './migrations/0004-unfinished-versions.ts'
import { packageChanges } from './migrations/0005-package-changes.ts'
import { encryptionKeys } from './migrations/0006-encryption-keys.ts'
import { packageNameParts } from './migrations/0015-package-name-parts.ts'
import { packageListing } from './migrations/0007-package-listing.ts'
import { backgroundWork } from './migrations/0009-background-work.ts'
import { domainKeys } from './migrations/0008-domain-keys.ts'
import { consoleSessions } from './migrations/0014-console-sessions.ts'
import { eventsAndAudit } from './migrations/0012-events-and-audit.ts'
import { governance } from './migrations/0016-governance.ts'
import { versionDates } from './migrations/0017-version-dates.ts'
import { groupKeys } from './migrations/0010-group-keys.ts'
import { submissions } from './migrations/0013-submissions.ts'
import { retention } from './migrations/0018-retention.ts'
import { trustPrincipals } from './migrations/0011-trust-principals.ts'
import { advisories } from './migrations/0019-advisories.ts'

/** How a dialect spells what the migrations need. */
export interface ColumnTypes {
  /** Compared byte by byte. */
  readonly text: string
  /** Up to 2^53. */
  readonly integer: string
  readonly blob: string
  /** A primary key that grows by itself and is never given twice. */
  readonly sequence: string
  /** What follows the last parenthesis of a table. */
  readonly tableEnd: string
}

export interface Migration {
  readonly name: string
  /** Statements for both dialects, in order. */
  statements(types: ColumnTypes): readonly string[]
}

/** Only ever added to, at the end. The schema's version is how many of them have run. */
const migrations: readonly Migration[] = [
  tables,
  identity,
  packageGroups,
  unfinishedVersions,
  packageChanges,
  encryptionKeys,
  packageListing,
  backgroundWork,
  domainKeys,
  eventsAndAudit,
  groupKeys,
  submissions,
  trustPrincipals,
  governance,
  retention,
  advisories,
  consoleSessions,
  packageNameParts,
  versionDates,
]

/**
 * The migrations that a database of this version still needs, all or only those up to another version.
 * Throws when a newer Packyard made it, as this one can't know what the newer tables mean.
 */
export function migrationsAfter(version: number, upTo: number = migrations.length): readonly Migration[] {
  if (version <= migrations.length) return migrations.slice(version, upTo)
  throw new Error(
    `the database has schema version ${version}, but this Packyard knows only up to ${migrations.length}: start a newer one`,
  )
}

/** What a database has when it is up to date. */
export function schemaVersion(): number {
  return migrations.length
}
