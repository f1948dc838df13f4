import { packageArn } from '../access/arns.ts'
import { recordVersionEvent, type VersionChange } from '../journal/events.ts'
import type { Write } from '../storage/metadata/metadata.ts'
import type { PackageAddress } from './addresses.ts'
import { journalClock } from './call-journal.ts'
import type { FoundPackage } from './lookup.ts'
import type { RegistryParts } from './parts.ts'

export type VersionNews = Pick<VersionChange, 'version' | 'status' | 'revision' | 'operation'> & {
  readonly changes: Partial<VersionChange['changes']>
}

const nothingChanged: VersionChange['changes'] = {
  assetsAdded: 0,
  assetsRemoved: 0,
  assetsUpdated: 0,
  metadataUpdated: false,
  statusChanged: false,
}

/** Writes what happened to a version into the outbox, in the transaction that does it. */
export async function announceVersion(
  write: Write,
  parts: RegistryParts,
  { address, found }: { readonly address: PackageAddress; readonly found: FoundPackage },
  news: VersionNews,
): Promise<void> {
  const { domain, repository } = found
  await recordVersionEvent(write, journalClock(parts), {
    ...news,
    domain: { id: domain.id, name: domain.name, owner: domain.owner },
    repository: { name: repository.name, administratorAccount: repository.administrator_account },
    packageId: found.package.id,
    packageArn: packageArn(parts.arns, { owner: domain.owner, name: domain.name }, repository.name, address.package),
    name: address.package,
    changes: { ...nothingChanged, ...news.changes },
  })
}
