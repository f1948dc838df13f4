import { type PackageAddress, type RepositoryAddress, resourceIdOf, type VersionAddress } from '../addresses.ts'
import { RegistryError } from '../errors.ts'
import type { Database, FoundPackage, FoundRepository, PackageRow } from '../lookup.ts'
import type { FormatId } from '../names.ts'
import type { RegistryParts } from '../parts.ts'
import type { VersionFailure } from '../version-checks.ts'
import { findHolds } from './find-holds.ts'
import type { Hold } from './hold.ts'

/** For whoever wants to remove a held version by hand. */
function explainHold(hold: Hold): string {
  const ends = hold.endsAt === undefined ? '' : ` until ${new Date(hold.endsAt).toISOString()}`
  const since = new Date(hold.createdAt).toISOString()
  return `on hold${ends} since ${since} by ${hold.createdBy} (hold ${hold.id}): ${hold.reason}`
}

/** Which versions of a package nobody may delete or dispose of, and why. */
export async function findRefusals(
  db: Database,
  { clock }: Pick<RegistryParts, 'clock'>,
  { domain, repository }: Pick<FoundPackage, 'domain' | 'repository'>,
  address: PackageAddress,
): Promise<(version: string) => VersionFailure | undefined> {
  const place = { domainId: domain.id, repositoryId: repository.id }
  const holdOf = (await findHolds(db, place, [address.package], clock()))(address.package)
  return (version) => {
    const hold = holdOf?.(version)
    if (hold?.against !== 'removal') return undefined
    return { code: 'NOT_ALLOWED', message: `version ${version} is ${explainHold(hold)}` }
  }
}

/** Throws `conflict` when one of these versions must stay. */
export async function refuseHeld(
  db: Database,
  parts: Pick<RegistryParts, 'clock'>,
  found: FoundPackage,
  { address, versions }: { readonly address: PackageAddress; readonly versions: readonly string[] },
): Promise<void> {
  const refusalOf = await findRefusals(db, parts, found, address)
  for (const version of versions) {
    const refusal = refusalOf(version)
    if (refusal) throw heldConflict({ ...address, version }, refusal.message)
  }
}

/** Throws `conflict` when a version of one of these packages of a repository must stay. */
export async function refuseHeldPackages(
  db: Database,
  { clock }: Pick<RegistryParts, 'clock'>,
  { domain, repository }: FoundRepository,
  { address, packages }: { readonly address: RepositoryAddress; readonly packages: readonly PackageId[] },
): Promise<void> {
  const place = { domainId: domain.id, repositoryId: repository.id }
  const names = packages.map((row) => ({ ...row, format: row.format as FormatId }))
  const holdsOf = await findHolds(db, place, names, clock())
  for (const name of names) {
    const holdOf = holdsOf(name)
    if (!holdOf) continue
    const rows = await db
      .selectFrom('repository_versions')
      .select('version')
      .where('package_id', '=', name.id)
      .execute()
    for (const { version } of rows) {
      const hold = holdOf(version)
      const about = { ...address, package: name, version }
      if (hold?.against === 'removal') throw heldConflict(about, `${name.name} ${version} is ${explainHold(hold)}`)
    }
  }
}

type PackageId = Pick<PackageRow, 'id' | 'format' | 'namespace' | 'name'>

function heldConflict(address: VersionAddress, message: string): RegistryError {
  return new RegistryError('conflict', message, { resourceType: 'package-version', resourceId: resourceIdOf(address) })
}
