import type { Caller } from '../access/principal.ts'
import type { Write } from '../storage/metadata/metadata.ts'
import { packageScope } from '../storage/metadata/scopes.ts'
import { auditCall } from './call-journal.ts'
import { RegistryError } from './errors.ts'
import { type HeldVersion, readHeldVersions } from './held-versions.ts'
import { findPackage } from './lookup.ts'
import { resourceIdOf } from './addresses.ts'
import type { Asset } from './model.ts'
import { type PackageName, packageKey } from './names.ts'
import { internalOrigin, publishedRestrictions } from './origin.ts'
import type { RegistryParts } from './parts.ts'
import { addressOf } from './place.ts'
import { ensureContent, ensurePackage, insertReference } from './record-version.ts'
import { findVersion, type Place, walk } from './resolve.ts'
import { revisionOf } from './revision.ts'
import type { PublishOutcome, VersionDraft } from './session.ts'
import type { StagedAssetHandle } from './staged-asset.ts'
import type { UpstreamIndexes } from './upstream-index.ts'

/** The one way in, for every format and for PublishPackageVersion: check, store the bytes, then one transaction. */
export async function publish(
  parts: RegistryParts,
  indexes: UpstreamIndexes,
  place: Place,
  caller: Caller,
  draft: VersionDraft,
): Promise<PublishOutcome> {
  await checkPublishAllowed(parts, place, draft.name)
  const assets = await sealAssets(parts, place, draft)
  const own = await readOwn(parts, place, draft)
  if (own) return compare(place, draft, assets, own)
  await checkNotUpstream(parts, indexes, place, draft)
  await askGates(parts, place, draft)
  for (const { staged } of draft.assets) await (staged as StagedAssetHandle).commit()
  const revision = revisionOf(draft.name, draft.version, assets, draft.document)
  return parts.metadata.write((write) => record(write, { parts, place, caller, draft, assets, revision }))
}

/** Origin control of the package in this repository. Source: User Guide, "Editing package origin controls". */
export async function checkPublishAllowed(parts: RegistryParts, place: Place, name: PackageName): Promise<void> {
  const row = await findPackage(parts.metadata.db, place.node.id, name)
  if (!row || row.publish_restriction === 'ALLOW') return
  throw conflict(
    place,
    name,
    `Package '${packageKey(name)}' may not be published to repository '${place.node.repository.name}': its origin ` +
      `control for publishing is BLOCK, because its versions come from upstream. Change it with ` +
      `put-package-origin-configuration if this package is yours.`,
  )
}

async function sealAssets(parts: RegistryParts, place: Place, draft: VersionDraft): Promise<Asset[]> {
  if (draft.assets.length > parts.limits.assetsPerVersionMax) {
    const message = `A package version may have ${parts.limits.assetsPerVersionMax} assets at most`
    throw new RegistryError('quota', message, { resourceType: 'package-version', resourceId: idOf(place, draft.name) })
  }
  return Promise.all(draft.assets.map(async ({ name, staged }) => ({ name, ...(await staged.sealed()) })))
}

async function readOwn(parts: RegistryParts, place: Place, draft: VersionDraft): Promise<HeldVersion | undefined> {
  const row = await findPackage(parts.metadata.db, place.node.id, draft.name)
  if (!row) return undefined
  const [held] = await readHeldVersions(parts.metadata.db, [row.id], draft.version)
  return held
}

/** The same bytes again are a client's retry; anything else would change what stands. */
function compare(
  place: Place,
  draft: VersionDraft,
  assets: readonly { readonly name: string; readonly sha256: string }[],
  held: HeldVersion,
): PublishOutcome {
  const isOpen = held.status === 'Published' || held.status === 'Unlisted'
  const isSame =
    held.assets.length === assets.length &&
    assets.every((asset) => held.assets.some(({ name, sha256 }) => name === asset.name && sha256 === asset.sha256))
  if (isOpen && isSame) return { kind: 'unchanged', revision: held.revision }
  throw versionExists(place, draft)
}

/** A version that a read here could fetch may not be published over. An upstream that is down cannot object. */
async function checkNotUpstream(parts: RegistryParts, indexes: UpstreamIndexes, place: Place, draft: VersionDraft) {
  const path = await walk(parts, indexes, place, draft.name)
  const found = await findVersion(parts, path, draft.version)
  if (found.kind === 'missing') return
  const where = found.kind === 'held' ? `repository '${found.stop.node.repository.name}'` : found.stop.source.name
  throw conflict(
    place,
    draft.name,
    `You cannot publish over the previously published versions: ${draft.version} of ${packageKey(draft.name)} ` +
      `exists in ${where}, which repository '${place.node.repository.name}' can reach.`,
  )
}

async function askGates(parts: RegistryParts, place: Place, draft: VersionDraft): Promise<void> {
  const { name, version } = draft
  const { repository } = place.node
  for (const gate of parts.gates) {
    const verdict = await gate({ domain: repository.domain, repository, name, version, action: 'publish' })
    if (verdict.kind === 'block') throw new RegistryError('denied', verdict.reason)
  }
}

interface Recording {
  readonly parts: RegistryParts
  readonly place: Place
  readonly caller: Caller
  readonly draft: VersionDraft
  readonly assets: readonly Asset[]
  readonly revision: string
}

/** Fact, event and audit record together. Whoever lost a race for the version is told so, or that nothing was left to do. */
async function record(write: Write, recording: Recording): Promise<PublishOutcome> {
  const { parts, place, caller, draft, assets, revision } = recording
  const { node, topology } = place
  const { name, version } = draft
  const { id: packageId } = await ensurePackage(write, parts, node, name, publishedRestrictions)
  const contentId = await ensureContent(write, parts, topology.domain.id, {
    name,
    version,
    revision,
    document: draft.document,
    facts: draft.facts,
    readme: draft.readme,
    inspected: 'inspected',
    assets,
  })
  const isNew = await insertReference(write, parts, node, packageId, name, {
    contentId,
    version,
    revision,
    status: 'Published',
    origin: internalOrigin(node.repository.name),
    publishedAt: parts.clock(),
    assetCount: assets.length,
  })
  if (!isNew) {
    const [held] = await readHeldVersions(write.tx, [packageId], version)
    if (held) return compare(place, draft, assets, held)
    throw versionExists(place, draft)
  }
  await writeTags(write, packageId, draft)
  await auditCall(write, parts, caller, {
    operation: 'PublishPackageVersion',
    address: { ...addressOf(place, name), version },
  })
  write.touch(packageScope(topology.domain.id, packageKey(name)))
  return { kind: 'created', revision }
}

async function writeTags(
  write: Write,
  packageId: string,
  { version, tags, tagsIfAbsent }: VersionDraft,
): Promise<void> {
  for (const tag of tags) {
    await write.tx
      .insertInto('package_tags')
      .values({ package_id: packageId, tag, version })
      .onConflict((conflict) => conflict.columns(['package_id', 'tag']).doUpdateSet({ version }))
      .execute()
  }
  for (const tag of tagsIfAbsent) {
    await write.tx
      .insertInto('package_tags')
      .values({ package_id: packageId, tag, version })
      .onConflict((conflict) => conflict.columns(['package_id', 'tag']).doNothing())
      .execute()
  }
}

function versionExists(place: Place, { name, version }: VersionDraft): RegistryError {
  return conflict(place, name, `You cannot publish over the previously published versions: ${version}.`)
}

function conflict(place: Place, name: PackageName, message: string): RegistryError {
  return new RegistryError('conflict', message, { resourceType: 'package', resourceId: idOf(place, name) })
}

function idOf(place: Place, name: PackageName): string {
  return resourceIdOf(addressOf(place, name))
}
