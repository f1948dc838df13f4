import type { Caller } from '../access/principal.ts'
import type { Write } from '../storage/metadata/metadata.ts'
import type { PackageAddress } from './addresses.ts'
import { auditCall } from './call-journal.ts'
import { releaseContents } from './contents-release.ts'
import { invalid, refused } from './errors.ts'
import { findRefusals } from './holds/refuse-removal.ts'
import { type FoundPackage, requirePackage } from './lookup.ts'
import type { VersionStatus } from './model.ts'
import type { RegistryParts } from './parts.ts'
import {
  checkVersion,
  emptyOutcome,
  type VersionExpectations,
  type VersionFailure,
  type VersionsOutcome,
  versionMissingIn,
} from './version-checks.ts'
import { announceVersion } from './version-events.ts'
import { countAssets, removeVersions, type VersionRemoval } from './version-removal.ts'
import { selectVersions, type VersionRow } from './version-rows.ts'
import { touchPackage } from './touch-package.ts'

/** Which versions of one package, and what they are expected to be. */
export interface VersionsChange extends VersionExpectations {
  readonly address: PackageAddress
  readonly versions: readonly string[]
}

/** Source: CodeArtifact User Guide, "Update package version status". */
const targetStatuses: readonly string[] = ['Published', 'Unlisted', 'Archived'] satisfies readonly VersionStatus[]

/** All or nothing: when one version cannot be changed, none is. Throws `missing` or `invalid`. */
export async function updateVersionsStatus(
  parts: RegistryParts,
  caller: Caller,
  input: VersionsChange & { readonly target: string },
): Promise<VersionsOutcome> {
  const { target } = input
  if (!targetStatuses.includes(target)) {
    throw invalid('targetStatus', target, `must be one of ${targetStatuses.join(', ')}`)
  }
  return changeStatus(parts, caller, { ...input, target, operation: 'UpdatePackageVersionsStatus' })
}

/** Gives up the bytes and keeps the record. All or nothing. Throws `missing` or `invalid`. */
export async function disposeVersions(
  parts: RegistryParts,
  caller: Caller,
  input: VersionsChange,
): Promise<VersionsOutcome> {
  return changeStatus(parts, caller, { ...input, target: 'Disposed', operation: 'DisposePackageVersions' })
}

/** Each version for itself: what cannot be deleted stays, the others go. Throws `missing`. */
export async function deleteVersions(
  parts: RegistryParts,
  caller: Caller,
  input: VersionsChange,
): Promise<VersionsOutcome> {
  const { address } = input
  return parts.metadata.write(async (write) => {
    const { found, rows } = await findVersions(write, input)
    const outcome = emptyOutcome()
    const going: VersionRow[] = []
    const refusalOf = await findRefusals(write.tx, parts, found, address)
    for (const [version, row] of rows) {
      const failure = row ? (checkVersion(row, input) ?? refusalOf(version)) : versionMissingIn(version)
      if (failure) outcome.failed.set(version, failure)
      if (!row || failure) continue
      going.push(row)
      outcome.successful.set(version, { revision: row.revision, status: 'Deleted' })
    }
    await removeVersions(write, parts, { address, found, versions: going })
    if (going.length > 0) await markChanged(write, parts, { address, found })
    await auditCall(write, parts, caller, { operation: 'DeletePackageVersions', address, details: detailsOf(input) })
    return outcome
  })
}

/** For who has looked at them in this transaction; the caller marks the package as changed. Answers how many bytes are freed. */
export async function disposeRows(
  write: Write,
  parts: RegistryParts,
  { address, found, versions }: VersionRemoval & { readonly versions: readonly VersionRow[] },
): Promise<number> {
  for (const row of versions) await moveVersion(write, parts, { address, found, row, target: 'Disposed' })
  return releaseContents(
    write,
    found.domain.id,
    versions.map((row) => row.content_id),
  )
}

interface StatusChange extends VersionsChange {
  readonly target: string
  readonly operation: string
}

async function changeStatus(parts: RegistryParts, caller: Caller, change: StatusChange): Promise<VersionsOutcome> {
  checkRevisionKeys(change)
  const { address, operation, target } = change
  return parts.metadata.write(async (write) => {
    const { found, rows } = await findVersions(write, change)
    const holdOf = target === 'Disposed' ? await findRefusals(write.tx, parts, found, address) : undefined
    const refusal = refuseAll(rows, change, holdOf)
    if (refusal) return refusal
    const outcome = emptyOutcome()
    for (const [version, row] of rows) {
      if (!row) continue
      if (row.status !== target) await moveVersion(write, parts, { address, found, row, target })
      outcome.successful.set(version, { revision: row.revision, status: target })
    }
    if (target === 'Disposed') await releaseContents(write, found.domain.id, contentsOf(rows))
    await markChanged(write, parts, { address, found })
    const details = { ...detailsOf(change), targetStatus: target }
    await auditCall(write, parts, caller, { operation, address, details })
    return outcome
  })
}

/** Undefined when every version may be changed. */
function refuseAll(
  rows: FoundRows,
  change: StatusChange,
  refusalOf: (version: string) => VersionFailure | undefined = () => undefined,
): VersionsOutcome | undefined {
  const { failed } = emptyOutcome()
  for (const [version, row] of rows) {
    const failure = row ? (checkVersion(row, change) ?? refusalOf(version)) : versionMissingIn(version)
    if (failure) failed.set(version, failure)
  }
  if (failed.size === 0) return undefined
  const outcome = emptyOutcome()
  for (const version of rows.keys()) {
    const skipped = { code: 'SKIPPED', message: `version ${version} is skipped` } as const
    outcome.failed.set(version, failed.get(version) ?? skipped)
  }
  return outcome
}

async function moveVersion(
  write: Write,
  parts: RegistryParts,
  move: {
    readonly address: PackageAddress
    readonly found: FoundPackage
    readonly row: VersionRow
    readonly target: string
  },
): Promise<void> {
  const { row, target } = move
  const assetsRemoved = target === 'Disposed' ? await countAssets(write, row.content_id) : 0
  await write.tx.updateTable('repository_versions').set({ status: target }).where('id', '=', row.id).execute()
  await announceVersion(write, parts, move, {
    version: row.version,
    status: target,
    revision: row.revision,
    operation: 'Updated',
    changes: { statusChanged: true, assetsRemoved },
  })
}

/** In the order of the request, each once; undefined for what the repository does not hold. */
type FoundRows = ReadonlyMap<string, VersionRow | undefined>

async function findVersions(
  write: Write,
  { address, versions }: VersionsChange,
): Promise<{ found: FoundPackage; rows: FoundRows }> {
  const found = await requirePackage(write.tx, address)
  if (versions.length === 0) return { found, rows: new Map() }
  const rows = await selectVersions(write.tx, found.package.id).where('held.version', 'in', versions).execute()
  const rowOf = new Map(rows.map((row) => [row.version, row]))
  return { found, rows: new Map(versions.map((version) => [version, rowOf.get(version)])) }
}

async function markChanged(
  write: Write,
  parts: RegistryParts,
  { address, found }: { readonly address: PackageAddress; readonly found: FoundPackage },
): Promise<void> {
  const row = write.tx.updateTable('packages').set({ updated_at: parts.clock() })
  await row.where('id', '=', found.package.id).execute()
  touchPackage(write, found.domain.id, address.package)
}

function checkRevisionKeys({ versions, revisions }: VersionsChange): void {
  if (!revisions) return
  const named = new Set(versions)
  const hasSameKeys = named.size === revisions.size && [...named].every((version) => revisions.has(version))
  if (!hasSameKeys) throw refused('versionRevisions must name exactly the versions that versions names')
}

function contentsOf(rows: FoundRows): string[] {
  return [...rows.values()].filter((row) => row !== undefined).map((row) => row.content_id)
}

function detailsOf({ versions, expectedStatus }: VersionsChange): Record<string, unknown> {
  return { packageVersions: versions, ...(expectedStatus === undefined ? {} : { expectedStatus }) }
}
