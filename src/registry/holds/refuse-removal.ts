import { resourceIdOf, type PackageAddress } from '../addresses.ts'
import { RegistryError } from '../errors.ts'
import type { Database, FoundPackage } from '../lookup.ts'
import type { RegistryParts } from '../parts.ts'
import type { VersionFailure } from '../version-checks.ts'
import { findHolds } from './find-holds.ts'
import type { Hold } from './hold.ts'

/** For whoever wants to remove a held version by hand. */
export function explainHold(hold: Hold): string {
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
    if (!refusal) continue
    const resource = { resourceType: 'package-version', resourceId: resourceIdOf({ ...address, version }) } as const
    throw new RegistryError('conflict', refusal.message, resource)
  }
}
