import type { HeldVersion } from './held-versions.ts'
import type { VersionOrigin } from './model.ts'
import type { PackageName } from './names.ts'
import { retainedRestrictions } from './origin.ts'
import type { RegistryParts } from './parts.ts'
import { ensureContent, ensurePackage, insertReference, type NewContent, type NewReference } from './record-version.ts'
import type { RepositoryNode } from './topology.ts'

/**
 * Retention: repositories keep what was fetched through them, by reference. No scope is touched: what a client sees of
 * the package is the same before and after, only from nearer.
 */

/** A version that another repository of the domain holds; keeps its status and its origin. */
export async function retainHeld(
  parts: RegistryParts,
  nodes: readonly RepositoryNode[],
  name: PackageName,
  held: HeldVersion,
): Promise<void> {
  const reference: NewReference = {
    contentId: held.contentId,
    version: held.version,
    revision: held.revision,
    status: held.status,
    origin: held.origin,
    publishedAt: held.publishedAt,
    assetCount: held.assets.length,
  }
  await parts.metadata.write(async (write) => {
    for (const node of nodes) {
      const record = await ensurePackage(write, parts, node, name, retainedRestrictions)
      await insertReference(write, parts, node, record.id, name, reference)
    }
  })
}

/** A version that an external connection gave: stored once, and referred to by each of `nodes`. */
export async function retainFetched(
  parts: RegistryParts,
  nodes: readonly RepositoryNode[],
  content: NewContent,
  origin: VersionOrigin,
  publishedAt: number,
): Promise<void> {
  const [first] = nodes
  if (!first) return
  await parts.metadata.write(async (write) => {
    const contentId = await ensureContent(write, parts, first.repository.domain.id, content)
    const { name, version, revision, assets } = content
    const reference = { contentId, version, revision, origin, publishedAt, assetCount: assets.length }
    for (const node of nodes) {
      const record = await ensurePackage(write, parts, node, name, retainedRestrictions)
      await insertReference(write, parts, node, record.id, name, { ...reference, status: 'Published' })
    }
  })
}
