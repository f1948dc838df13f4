import { Readable } from 'node:stream'
import { resourceIdOf, type VersionAddress } from './addresses.ts'
import { RegistryError } from './errors.ts'
import type { AssetSource, RegistryFormat } from './format.ts'
import type { RegistryParts } from './parts.ts'
import { type FoundVersion, type VersionSummary, requireVersion, toSummary } from './version-rows.ts'

export interface VersionReadme {
  readonly readme: string
  readonly held: VersionSummary
}

/**
 * What came from outside is inspected when somebody first asks, and what was found is kept. Throws `missing`, also when
 * the version has no readme.
 */
export async function readReadme(parts: RegistryParts, address: VersionAddress): Promise<VersionReadme> {
  const { db } = parts.metadata
  const found = await requireVersion(db, address)
  const content = await db
    .selectFrom('version_contents')
    .select(['readme', 'is_inspected'])
    .where('id', '=', found.row.content_id)
    .executeTakeFirstOrThrow()
  const canLook = content.is_inspected === 0 && found.row.status !== 'Disposed'
  const readme = canLook ? await lookForReadme(parts, address, found) : content.readme
  if (readme === null) throw readmeMissing(address)
  return { readme, held: toSummary(found.row) }
}

async function lookForReadme(
  parts: RegistryParts,
  address: VersionAddress,
  { domain, row }: FoundVersion,
): Promise<string | null> {
  const format = parts.formats.get(address.package.format)
  if (!format) return null
  let readme: string | undefined
  for (const asset of await assetSources(parts, domain.id, row.content_id)) {
    readme ??= await readmeIn(format, asset)
  }
  await parts.metadata.write(async ({ tx }) => {
    const content = tx.updateTable('version_contents').set({ readme: readme ?? null, is_inspected: 1 })
    await content.where('id', '=', row.content_id).where('is_inspected', '=', 0).execute()
  })
  return readme ?? null
}

/** What came from outside may be odd; then it has no readme for us. */
async function readmeIn(format: RegistryFormat, asset: AssetSource): Promise<string | undefined> {
  try {
    return (await format.inspect(asset))?.readme
  } catch (error) {
    if (error instanceof RegistryError && error.kind === 'invalid') return undefined
    throw error
  }
}

async function assetSources(parts: RegistryParts, domainId: string, contentId: string): Promise<AssetSource[]> {
  const rows = await parts.metadata.db
    .selectFrom('version_assets')
    .select(['name', 'sha256', 'size_bytes'])
    .where('content_id', '=', contentId)
    .orderBy('name')
    .execute()
  return rows.map((row) => ({
    name: row.name,
    sizeBytes: row.size_bytes,
    open: (start = 0) => {
      const range = { start, end: row.size_bytes - 1 }
      return openLater(() => parts.blobs.open({ domainId, sha256: row.sha256 }, start === 0 ? undefined : range))
    },
  }))
}

/** A stream at once, whose source is opened when it is first read. */
function openLater(open: () => Promise<Readable>): Readable {
  return Readable.from(
    (async function* read() {
      yield* await open()
    })(),
    { objectMode: false },
  )
}

function readmeMissing(address: VersionAddress): RegistryError {
  const message = `Package version '${address.version}' of package '${address.package.name}' has no readme.`
  return new RegistryError('missing', message, { resourceType: 'package-version', resourceId: resourceIdOf(address) })
}
