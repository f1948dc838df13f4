import { resourceIdOf, type VersionAddress } from './addresses.ts'
import { RegistryError } from './errors.ts'
import { inspectOnDemand } from './inspect-version.ts'
import type { RegistryParts } from './parts.ts'
import { type VersionSummary, requireVersion, toSummary } from './version-rows.ts'

export interface VersionReadme {
  readonly readme: string
  readonly held: VersionSummary
}

/** Throws `missing`, also when the version has no readme. */
export async function readReadme(parts: RegistryParts, address: VersionAddress): Promise<VersionReadme> {
  const { db } = parts.metadata
  const found = await requireVersion(db, address)
  await inspectOnDemand(parts, address.package, found)
  const { readme } = await db
    .selectFrom('version_contents')
    .select('readme')
    .where('id', '=', found.row.content_id)
    .executeTakeFirstOrThrow()
  if (readme === null) throw readmeMissing(address)
  return { readme, held: toSummary(found.row) }
}

function readmeMissing(address: VersionAddress): RegistryError {
  const message = `Package version '${address.version}' of package '${address.package.name}' has no readme.`
  return new RegistryError('missing', message, { resourceType: 'package-version', resourceId: resourceIdOf(address) })
}
