import type { DomainAddress } from './addresses.ts'
import { requireDomain } from './lookup.ts'
import type { RegistryParts } from './parts.ts'

/** What all repositories of a domain together hold. Reads every version of it. Throws `missing`. */
export async function countHeldBytes({ metadata: { db } }: RegistryParts, address: DomainAddress): Promise<number> {
  const { id } = await requireDomain(db, address)
  const { bytes } = await db
    .selectFrom('repositories')
    .innerJoin('packages', 'packages.repository_id', 'repositories.id')
    .innerJoin('repository_versions', 'repository_versions.package_id', 'packages.id')
    .innerJoin('version_assets', 'version_assets.content_id', 'repository_versions.content_id')
    .select((eb) => eb.fn.sum<number | null>('version_assets.size_bytes').as('bytes'))
    .where('repositories.domain_id', '=', id)
    .executeTakeFirstOrThrow()
  return Number(bytes ?? 0)
}
