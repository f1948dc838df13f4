import type { Caller } from '../access/principal.ts'
import type { Write } from '../storage/metadata/metadata.ts'
import { auditCall } from './call-journal.ts'
import { RegistryError } from './errors.ts'
import { checkHolds } from './held.ts'
import { type HeldVersion, readHeldVersions } from './held-versions.ts'
import { countOne } from './counts.ts'
import { changeVersion } from './change-version.ts'
import { checkKept, keepBytes } from './keep-bytes.ts'
import { findPackage } from './lookup.ts'
import { resourceIdOf } from './addresses.ts'
import type { Asset, OriginRestrictions, Restriction } from './model.ts'
import { type PackageName, packageKey } from './names.ts'
import { internalOrigin } from './origin.ts'
import { controlsOf, describeRefusal } from './origin-control.ts'
import type { RegistryParts } from './parts.ts'
import { addressOf } from './place.ts'
import { planPublish, type PublishPlan } from './publish-plan.ts'
import { overQuota } from './quotas.ts'
import { ensureContent, ensurePackage, insertReference } from './record-version.ts'
import { findVersion, type Place, walk } from './resolve.ts'
import { revisionOf } from './revision.ts'
import type { PublishOutcome, VersionDraft } from './session.ts'
import type { StagedAssetHandle } from './staged-asset.ts'
import { finishLater } from './unfinished-versions.ts'
import type { UpstreamIndexes } from './upstream-index.ts'
import { touchPackage } from './touch-package.ts'

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
  const plan = planFor(place, draft, own, assets)
  if (own && plan.kind === 'unchanged') return { kind: 'unchanged', revision: own.revision, status: own.status }
  if (plan.kind === 'refuse') throw refusal(place, draft, own, plan.because)
  if (plan.kind === 'create') await checkNotUpstream(parts, indexes, place, draft)
  await askGates(parts, place, draft)
  const hashes = assets.map(({ sha256 }) => sha256)
  const kept = await keepBytes(parts, place.topology.domain.id, hashes, async () => {
    for (const { staged } of draft.assets) await (staged as StagedAssetHandle).commit()
  })
  const outcome = await parts.metadata.write(async (write) => {
    await checkKept(write, parts, kept)
    return record(write, { parts, place, caller, draft, assets })
  })
  if (outcome.kind === 'created') countOne(parts.counts.published, place.format.id)
  return outcome
}

/** Origin controls of the package in this repository and of its group. Source: User Guide, "Package origin controls". */
export async function checkPublishAllowed(parts: RegistryParts, place: Place, name: PackageName): Promise<void> {
  const row = await findPackage(parts.metadata.db, place.node.id, name)
  checkControls(place, name, (row?.publish_restriction ?? 'ALLOW') as Restriction)
}

function checkControls(place: Place, name: PackageName, publish: Restriction): void {
  const controls = controlsOf(place.topology, name)
  const own: OriginRestrictions = { publish, upstream: 'ALLOW' }
  const refusal = controls.packageRefusal(own, 'publish') ?? controls.groupRefusal(place.node, 'publish')
  if (!refusal) return
  const { name: repository } = place.node.repository
  const advice = refusal.by === 'package' ? '. Change it with put-package-origin-configuration if it is yours' : ''
  const reason = describeRefusal(refusal, repository)
  throw conflict(
    place,
    name,
    `Package '${packageKey(name)}' may not be published to repository '${repository}': ${reason}${advice}.`,
    reason,
  )
}

async function sealAssets(parts: RegistryParts, place: Place, draft: VersionDraft): Promise<Asset[]> {
  checkAssetCount(parts, place, draft.name, draft.assets.length)
  return Promise.all(draft.assets.map(async ({ name, staged }) => ({ name, ...(await staged.sealed()) })))
}

function checkAssetCount(parts: RegistryParts, place: Place, name: PackageName, count: number): void {
  if (count <= parts.limits.assetsPerVersionMax) return
  const details = { resourceType: 'package-version', resourceId: idOf(place, name) } as const
  throw overQuota('assetsPerVersionMax', parts.limits, details)
}

async function readOwn(parts: RegistryParts, place: Place, draft: VersionDraft): Promise<HeldVersion | undefined> {
  const row = await findPackage(parts.metadata.db, place.node.id, draft.name)
  if (!row) return undefined
  const [held] = await readHeldVersions(parts.metadata.db, [row.id], draft.version)
  return held
}

/** A version that a read here could fetch may not be published over. An upstream that is down cannot object. */
async function checkNotUpstream(parts: RegistryParts, indexes: UpstreamIndexes, place: Place, draft: VersionDraft) {
  const path = await walk(parts, indexes, place, draft.name)
  const found = await findVersion(parts, path, draft.version)
  if (found.kind === 'missing') return
  // Published here a moment ago: the transaction decides.
  if (found.kind === 'held' && found.stop.node.id === place.node.id) return
  const where = found.kind === 'held' ? `repository '${found.stop.node.repository.name}'` : found.stop.source.name
  const what = `version ${draft.version} of ${packageKey(draft.name)}`
  const reach = `which repository '${place.node.repository.name}' can reach`
  throw versionConflict(place, draft, `${what} exists in ${where}, ${reach}`)
}

function planFor(
  { format }: Place,
  { version, status }: VersionDraft,
  held: HeldVersion | undefined,
  assets: readonly Asset[],
): PublishPlan {
  const mutability = format.isMutable?.(version) === true ? 'mutable' : 'fixed'
  return planPublish(held, assets, status, format.growth, mutability)
}

async function askGates(parts: RegistryParts, place: Place, { name, version, document }: VersionDraft): Promise<void> {
  const gate = await parts.gates.of(place, name)
  const origin = internalOrigin(place.node.repository.name)
  const publishedAt = parts.clock()
  const candidate = { action: 'publish', version, holder: place.node, origin, publishedAt, document } as const
  checkHolds(place, name, version, gate?.judge(candidate))
}

interface Recording {
  readonly parts: RegistryParts
  readonly place: Place
  readonly caller: Caller
  readonly draft: VersionDraft
  readonly assets: readonly Asset[]
}

/** Fact, event and audit record together, decided anew on what stands now that nobody else can change it. */
async function record(write: Write, recording: Recording): Promise<PublishOutcome> {
  const { parts, place, caller, draft, assets } = recording
  const { name, version } = draft
  const first = controlsOf(place.topology, name).firstRestrictions('published')
  const { id: packageId, restrictions } = await ensurePackage(write, parts, place.node, name, first)
  checkControls(place, name, restrictions.publish)
  const [held] = await readHeldVersions(write.tx, [packageId], version)
  const plan = planFor(place, draft, held, assets)
  const outcome = await carryOut(write, recording, packageId, held, plan)
  if (draft.finish === 'when quiet') await finishLater(write, parts, packageId, version)
  if (outcome.kind === 'unchanged') return outcome
  await writeTags(write, packageId, draft)
  const address = { ...addressOf(place, name), version }
  await auditCall(write, parts, caller, { operation: 'PublishPackageVersion', address })
  touchPackage(write, place.topology.domain.id, name)
  return outcome
}

async function carryOut(
  write: Write,
  recording: Recording,
  packageId: string,
  held: HeldVersion | undefined,
  plan: PublishPlan,
): Promise<PublishOutcome> {
  const { parts, place, draft } = recording
  if (plan.kind === 'refuse') throw refusal(place, draft, held, plan.because)
  if (!held || plan.kind === 'create') return create(write, recording, packageId)
  if (plan.kind === 'unchanged') return { kind: 'unchanged', revision: held.revision, status: held.status }
  checkAssetCount(parts, place, draft.name, held.assets.length + plan.added.length)
  const document = place.format.mergeDocuments?.(held.document, draft.document)
  const revision = await changeVersion(write, parts, place, place.node, draft.name, held, {
    ...(document === undefined ? {} : { document }),
    added: plan.added,
    status: plan.status,
    readme: draft.readme,
    ...(place.format.isMutable?.(draft.version) && { publishedAt: parts.clock() }),
  })
  return { kind: 'extended', revision, status: plan.status }
}

async function create(write: Write, recording: Recording, packageId: string): Promise<PublishOutcome> {
  const { parts, place, draft, assets } = recording
  const { name, version, status, document, facts, readme } = draft
  const revision = revisionOf(name, version, assets, document)
  const content = { name, version, revision, document, facts, readme, inspected: 'inspected' as const, assets }
  const contentId = await ensureContent(write, parts, place.topology.domain.id, content)
  await insertReference(write, parts, place.node, packageId, name, {
    contentId,
    version,
    revision,
    status,
    origin: internalOrigin(place.node.repository.name),
    publishedAt: parts.clock(),
    assetCount: assets.length,
  })
  return { kind: 'created', revision, status }
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

function refusal(
  place: Place,
  draft: VersionDraft,
  held: HeldVersion | undefined,
  because: 'exists' | 'finished' | 'gone',
): RegistryError {
  const what = `version ${draft.version} of ${packageKey(draft.name)}`
  const where = `repository '${place.node.repository.name}'`
  if (held && place.format.growth === 'until published' && because !== 'exists') {
    return versionConflict(place, draft, notUnfinished(draft, held))
  }
  switch (because) {
    case 'exists':
      return versionConflict(place, draft, `${where} holds ${what} already, and a version that stands does not change`)
    case 'finished':
      return versionConflict(place, draft, `${what} is ${held?.status} in ${where} and takes no more assets`)
    case 'gone':
      return versionConflict(place, draft, `${what} is ${held?.status} in ${where} and may not be published again`)
  }
}

/** Word for word the service's: scripts search for it. Source: answers seen in issue reports. */
function notUnfinished({ name, version }: VersionDraft, { status }: HeldVersion): string {
  const coordinates = [name.namespace, name.name, version].filter((part) => part !== '').join('/')
  return (
    `Cannot update existing ${name.format} package version '${coordinates}' with status '${status}'. ` +
    `Only 'Unfinished' package versions can be updated.`
  )
}

function versionConflict(place: Place, { name, version }: VersionDraft, message: string): RegistryError {
  const resourceId = resourceIdOf({ ...addressOf(place, name), version })
  return new RegistryError('conflict', message, { resourceType: 'package-version', resourceId })
}

function conflict(place: Place, name: PackageName, message: string, explanation?: string): RegistryError {
  return new RegistryError('conflict', message, { resourceType: 'package', resourceId: idOf(place, name), explanation })
}

function idOf(place: Place, name: PackageName): string {
  return resourceIdOf(addressOf(place, name))
}
