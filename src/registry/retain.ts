import type { Write } from '../storage/metadata/metadata.ts'
import { changeVersion, type VersionChange } from './change-version.ts'
import type { RegistryFormat } from './format.ts'
import { type HeldVersion, readHeldVersions } from './held-versions.ts'
import { checkKept, type KeptBytes } from './keep-bytes.ts'
import type { Asset, OriginRestrictions, VersionOrigin } from './model.ts'
import type { PackageName } from './names.ts'
import { controlsOf } from './origin-control.ts'
import type { RegistryParts } from './parts.ts'
import { ensureContent, ensurePackage, insertReference, type NewContent } from './record-version.ts'
import type { Place } from './resolve.ts'
import type { RepositoryNode } from './topology.ts'

/**
 * Retention: repositories keep what was fetched through them, by reference. No scope is touched: what a client sees of
 * the package is the same before and after, only from nearer.
 */

/** What is fetched, and for whom. */
export interface Retention {
  readonly place: Pick<Place, 'topology' | 'format'>
  readonly nodes: readonly RepositoryNode[]
  readonly name: PackageName
}

/** What is known of what was fetched. */
interface Fetched {
  readonly origin: VersionOrigin
  /** Unit: ms since 1970. */
  readonly publishedAt: number
  readonly kept: KeptBytes
}

/** A version that another repository of the domain holds; keeps its status and its origin. */
export async function retainHeld(
  parts: RegistryParts,
  retention: Retention,
  held: HeldVersion,
  assetName: string,
): Promise<void> {
  await parts.metadata.write(async (write) => {
    for (const node of retention.nodes) await retain(write, parts, retention, node, held, assetName)
  })
}

/** A version that an external connection gave, or a further asset of it. The first of `nodes` has the connection. */
export async function retainFetched(
  parts: RegistryParts,
  retention: Retention,
  content: NewContent & { readonly assets: readonly [Asset] },
  { origin, publishedAt, kept }: Fetched,
): Promise<HeldVersion> {
  const { place, nodes, name } = retention
  const [first, ...others] = nodes
  if (!first) throw new Error('nobody asked')
  return parts.metadata.write(async (write) => {
    await checkKept(write, parts, kept)
    const { id } = await ensurePackage(write, parts, first, name, firstRestrictions(retention))
    const read = () => readHeldVersions(write.tx, [id], content.version)
    const [before] = await read()
    if (!before) {
      const contentId = await ensureContent(write, parts, place.topology.domain.id, content)
      const { version, revision } = content
      const reference = {
        contentId,
        version,
        revision,
        status: 'Published',
        origin,
        publishedAt,
        assetCount: 1,
      } as const
      await insertReference(write, parts, first, id, name, reference)
    } else if (lacks(before, content.assets[0].name)) {
      await changeVersion(write, parts, place, first, name, before, {
        added: content.assets,
        ...refreshed(place.format, before.document, content.document),
      })
    }
    const [after] = await read()
    if (!after) throw new Error(`${name.name} ${content.version} was retained and is not there`)
    for (const node of others) await retain(write, parts, retention, node, after, content.assets[0].name)
    return after
  })
}

/** One that holds the version keeps what it has, and gets the asset that it lacks if it is of the same origin. */
async function retain(
  write: Write,
  parts: RegistryParts,
  retention: Retention,
  node: RepositoryNode,
  held: HeldVersion,
  assetName: string,
): Promise<void> {
  const { place, name } = retention
  const { id } = await ensurePackage(write, parts, node, name, firstRestrictions(retention))
  const { contentId, version, revision, status, origin, publishedAt, assets } = held
  const assetCount = assets.length
  const reference = { contentId, version, revision, status, origin, publishedAt, assetCount }
  if (await insertReference(write, parts, node, id, name, reference)) return
  const [mine] = await readHeldVersions(write.tx, [id], version)
  const asset = assets.find((candidate) => candidate.name === assetName)
  if (!mine || !asset || !lacks(mine, assetName) || !isSameOrigin(mine.origin, origin)) return
  const document = refreshed(place.format, mine.document, held.document)
  await changeVersion(write, parts, place, node, name, mine, { added: [asset], ...document })
}

/** What is said of an asset comes with it. */
function refreshed(format: RegistryFormat, stored: unknown, current: unknown): Pick<VersionChange, 'document'> {
  return format.refreshDocument ? { document: format.refreshDocument(stored, current) } : {}
}

function firstRestrictions({ place, name }: Retention): OriginRestrictions {
  return controlsOf(place.topology, name).firstRestrictions('retained')
}

function lacks(held: HeldVersion, assetName: string): boolean {
  return !held.assets.some((asset) => asset.name === assetName)
}

export function isSameOrigin(left: VersionOrigin, right: VersionOrigin): boolean {
  return left.type === right.type && left.entryPoint === right.entryPoint
}
