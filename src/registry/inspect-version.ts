import { Readable } from 'node:stream'
import { RegistryError } from './errors.ts'
import type { AssetSource, Inspection, RegistryFormat } from './format.ts'
import type { PackageName } from './names.ts'
import type { RegistryParts } from './parts.ts'
import type { FoundVersion } from './version-rows.ts'

/**
 * Assets that came from outside are inspected when somebody first asks what they say: their readme and, where an index
 * says less than an asset does, their facts. What was found is kept, also that there was nothing.
 */
export async function inspectOnDemand(
  parts: RegistryParts,
  name: PackageName,
  { domain, row }: FoundVersion,
): Promise<void> {
  const content = await parts.metadata.db
    .selectFrom('version_contents')
    .select(['document', 'facts', 'readme', 'is_inspected'])
    .where('id', '=', row.content_id)
    .executeTakeFirstOrThrow()
  const format = parts.formats.get(name.format)
  if (!format || content.is_inspected === 1 || row.status === 'Disposed') return
  const found = await inspectFirst(format, await assetSources(parts, domain.id, row.content_id))
  const readme = content.readme ?? found?.readme ?? null
  const facts = factsOf(format, content, found)
  await parts.metadata.write(async ({ tx }) => {
    const change = tx.updateTable('version_contents').set({ readme, facts, is_inspected: 1 })
    await change.where('id', '=', row.content_id).where('is_inspected', '=', 0).execute()
  })
}

function factsOf(
  format: RegistryFormat,
  content: { readonly document: string; readonly facts: string },
  found: Inspection | undefined,
): string {
  if (!found || !format.mergeDocuments) return content.facts
  return JSON.stringify(format.facts(format.mergeDocuments(JSON.parse(content.document), found.document)))
}

/** The first asset that has something to say speaks for the version. */
async function inspectFirst(format: RegistryFormat, sources: readonly AssetSource[]): Promise<Inspection | undefined> {
  for (const source of sources) {
    const found = await inspectAsset(format, source)
    if (found) return found
  }
  return undefined
}

/** What came from outside may be odd; then it says nothing to us. */
async function inspectAsset(format: RegistryFormat, asset: AssetSource): Promise<Inspection | undefined> {
  try {
    return await format.inspect(asset)
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
      const range = start === 0 ? undefined : { start, end: row.size_bytes - 1 }
      return openLater(() => parts.blobs.open({ domainId, sha256: row.sha256 }, range))
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
