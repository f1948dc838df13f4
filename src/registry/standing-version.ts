import type { Caller } from '../access/principal.ts'
import type { Write } from '../storage/metadata/metadata.ts'
import { resourceIdOf } from './addresses.ts'
import { auditCall } from './call-journal.ts'
import { changeVersion } from './change-version.ts'
import { RegistryError } from './errors.ts'
import { type HeldVersion, readHeldVersions } from './held-versions.ts'
import { findPackage } from './lookup.ts'
import { versionMissing } from './missing.ts'
import { type PackageName, packageKey } from './names.ts'
import { internalOrigin } from './origin.ts'
import type { RegistryParts } from './parts.ts'
import { addressOf } from './place.ts'
import { ensureContent, insertReference } from './record-version.ts'
import type { Place } from './resolve.ts'
import { revisionOf } from './revision.ts'
import type { StandingVersion } from './session.ts'
import { refuseFaulty } from './unfinished-versions.ts'
import { touchPackage } from './touch-package.ts'

interface Standing {
  readonly parts: RegistryParts
  readonly place: Place
  readonly name: PackageName
  readonly stand: StandingVersion
}

/** One version takes over the assets of another, as Maven's `1.0-SNAPSHOT` those of its newest build. */
export async function standFor(standing: Standing, caller: Caller): Promise<unknown> {
  const { parts, place, name, stand } = standing
  const address = { ...addressOf(place, name), version: stand.version }
  return parts.metadata.write(async (write) => {
    const row = await findPackage(write.tx, place.node.id, name)
    const [other] = row ? await readHeldVersions(write.tx, [row.id], stand.for) : []
    if (!other) throw versionMissing({ ...address, version: stand.for })
    const [held] = await readHeldVersions(write.tx, [other.packageId], stand.version)
    refuseGone(standing, held)
    refuseGone(standing, other)
    await refuseFaulty(write, other.packageId, [other.version])
    const document = { ...objectOf(other.document), ...objectOf(stand.document) }
    if (held) await retarget(write, standing, held, other, document)
    else await create(write, standing, other, document)
    if (other.status !== 'Unlisted') {
      await changeVersion(write, parts, place, place.node, name, other, { status: 'Unlisted' })
    }
    const updated = write.tx.updateTable('packages').set({ updated_at: parts.clock() })
    await updated.where('id', '=', other.packageId).execute()
    await auditCall(write, parts, caller, { operation: 'PutPackageMetadata', address })
    touchPackage(write, place.topology.domain.id, name)
    return document
  })
}

async function retarget(
  write: Write,
  { parts, place, name }: Standing,
  held: HeldVersion,
  other: HeldVersion,
  document: unknown,
): Promise<void> {
  const { assets } = other
  const change = { document, assets, status: 'Published', publishedAt: parts.clock() } as const
  await changeVersion(write, parts, place, place.node, name, held, change)
}

async function create(
  write: Write,
  { parts, place, name, stand }: Standing,
  { packageId, assets }: HeldVersion,
  document: unknown,
): Promise<void> {
  const { version } = stand
  const revision = revisionOf(name, version, assets, document)
  const facts = place.format.facts(document)
  const content = {
    name,
    version,
    revision,
    document,
    facts,
    readme: undefined,
    inspected: 'inspected',
    assets,
  } as const
  await insertReference(write, parts, place.node, packageId, name, {
    contentId: await ensureContent(write, parts, place.topology.domain.id, content),
    version,
    revision,
    status: 'Published',
    origin: internalOrigin(place.node.repository.name),
    publishedAt: parts.clock(),
    assetCount: assets.length,
  })
}

function refuseGone({ place, name }: Standing, held: HeldVersion | undefined): void {
  if (held?.status !== 'Archived' && held?.status !== 'Disposed') return
  const resourceId = resourceIdOf({ ...addressOf(place, name), version: held.version })
  const message = `version ${held.version} of ${packageKey(name)} is ${held.status} and may not be published again`
  throw new RegistryError('conflict', message, { resourceType: 'package-version', resourceId })
}

function objectOf(document: unknown): object {
  return typeof document === 'object' && document !== null ? document : {}
}
