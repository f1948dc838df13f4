import type { Caller } from '../access/principal.ts'
import type { Write } from '../storage/metadata/metadata.ts'
import type { PackageAddress } from './addresses.ts'
import { auditCall } from './call-journal.ts'
import type { CopySource, SourceVersion } from './copy-sources.ts'
import { replaceReference } from './change-version.ts'
import { type HeldVersion, readHeldVersions } from './held-versions.ts'
import { controlsOf } from './origin-control.ts'
import type { RegistryParts } from './parts.ts'
import { addressOf } from './place.ts'
import { ensurePackage, insertReference } from './record-version.ts'
import type { Place } from './resolve.ts'
import { touchPackage } from './touch-package.ts'
import { emptyOutcome, type VersionFailure, type VersionsOutcome, versionMissingIn } from './version-checks.ts'

type Destination = Pick<Place, 'topology' | 'node'>

export interface VersionsCopy {
  /** The package in the repository that gets the versions. */
  readonly address: PackageAddress
  readonly versions: readonly string[]
  /** What the source is expected to hold, by version. */
  readonly revisions: ReadonlyMap<string, string> | undefined
  readonly onDifferent: 'refuse' | 'overwrite'
}

/**
 * Brings versions of one package into another repository of the domain, by reference. All or nothing; a version that is
 * there already, with the same content, is in neither list. Not a publish: origin controls are not asked, as this is the
 * way to place a version that they would refuse. Source: CodeArtifact User Guide, "Copy packages between repositories".
 */
export async function copyInto(
  parts: RegistryParts,
  caller: Caller,
  destination: Destination,
  source: CopySource,
  copy: VersionsCopy,
): Promise<VersionsOutcome> {
  const name = copy.address.package
  return parts.metadata.write(async (write) => {
    const standing = await readStanding(write, destination, copy)
    const plan = planCopy(source, standing, copy)
    if (plan.failed.size > 0) return { successful: new Map(), failed: plan.failed }
    const outcome = emptyOutcome()
    for (const found of plan.wanted) {
      await copyOne(write, parts, destination, copy, found, standing.get(found.held.version))
      outcome.successful.set(found.held.version, { revision: found.held.revision, status: found.held.status })
    }
    const address = addressOf(destination, name)
    const details = { sourceRepository: source.repository, packageVersions: copy.versions }
    await auditCall(write, parts, caller, { operation: 'CopyPackageVersions', address, details })
    if (plan.wanted.length > 0) touchPackage(write, destination.topology.domain.id, name)
    return outcome
  })
}

async function readStanding(write: Write, { node }: Destination, { address, versions }: VersionsCopy) {
  const { format, namespace, name } = address.package
  const row = await write.tx
    .selectFrom('packages')
    .select('id')
    .where('repository_id', '=', node.id)
    .where('format', '=', format)
    .where('namespace', '=', namespace)
    .where('name', '=', name)
    .executeTakeFirst()
  const standing = new Map<string, HeldVersion>()
  for (const version of row ? versions : []) {
    const [held] = await readHeldVersions(write.tx, [row!.id], version)
    if (held) standing.set(version, held)
  }
  return standing
}

interface CopyPlan {
  readonly wanted: readonly SourceVersion[]
  readonly failed: Map<string, VersionFailure>
}

function planCopy(source: CopySource, standing: ReadonlyMap<string, HeldVersion>, copy: VersionsCopy): CopyPlan {
  const failed = new Map<string, VersionFailure>()
  const wanted: SourceVersion[] = []
  for (const version of new Set(copy.versions)) {
    const found = source.versions.get(version)
    const failure = found ? checkCopy(found.held, standing.get(version), copy) : versionMissingIn(version)
    if (failure) failed.set(version, failure)
    else if (found && !isSame(found.held, standing.get(version))) wanted.push(found)
  }
  if (failed.size === 0) return { wanted, failed }
  const all = [...new Set(copy.versions)].map((version) => {
    const skipped: VersionFailure = { code: 'SKIPPED', message: `Version ${version} was skipped` }
    return [version, failed.get(version) ?? skipped] as const
  })
  return { wanted: [], failed: new Map(all) }
}

/** The texts are the service's own. Unverified: the code for what has no assets to copy, or not all of them. */
function checkCopy(
  held: HeldVersion,
  standing: HeldVersion | undefined,
  { revisions, onDifferent }: VersionsCopy,
): VersionFailure | undefined {
  const { version, status, revision } = held
  const expected = revisions?.get(version)
  if (expected !== undefined && expected !== revision) {
    return { code: 'MISMATCHED_REVISION', message: `current revision: ${revision}, expected revision: ${expected}` }
  }
  if (status === 'Unfinished' || status === 'Disposed') {
    return { code: 'NOT_ALLOWED', message: `Version ${version} is ${status} and cannot be copied` }
  }
  if (!standing || isSame(held, standing) || onDifferent === 'overwrite') return undefined
  return { code: 'ALREADY_EXISTS', message: `Version ${version} already exists` }
}

/** A disposed version has the revision that it had, and nothing else of it. */
function isSame(held: HeldVersion, standing: HeldVersion | undefined): boolean {
  return standing !== undefined && standing.revision === held.revision && standing.status !== 'Disposed'
}

async function copyOne(
  write: Write,
  parts: RegistryParts,
  destination: Destination,
  copy: VersionsCopy,
  { held, tags }: SourceVersion,
  standing: HeldVersion | undefined,
): Promise<void> {
  const name = copy.address.package
  const arrival = held.origin.type === 'EXTERNAL' ? 'retained' : 'published'
  const first = controlsOf(destination.topology, name).firstRestrictions(arrival)
  const { id } = await ensurePackage(write, parts, destination.node, name, first)
  if (standing) {
    await replaceReference(write, parts, destination, name, standing, held)
  } else {
    const reference = { ...held, assetCount: held.assets.length }
    await insertReference(write, parts, destination.node, id, name, reference)
  }
  for (const tag of tags) {
    await write.tx
      .insertInto('package_tags')
      .values({ package_id: id, tag, version: held.version })
      .onConflict((conflict) => conflict.columns(['package_id', 'tag']).doUpdateSet({ version: held.version }))
      .execute()
  }
}
