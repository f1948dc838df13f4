import { setImmediate as nextTurn } from 'node:timers/promises'
import type { PackageAddress } from '../../registry/addresses.ts'
import { auditCall } from '../../registry/call-journal.ts'
import { findDomain, type FoundPackage, findPackage, findRepository } from '../../registry/lookup.ts'
import type { FormatId, PackageName } from '../../registry/names.ts'
import { removeEmptyPackage } from '../../registry/packages.ts'
import type { RegistryParts } from '../../registry/parts.ts'
import { touchPackage } from '../../registry/touch-package.ts'
import type { RepositoryNode, Topology } from '../../registry/topology.ts'
import { disposeRows } from '../../registry/version-changes.ts'
import { removeVersions } from '../../registry/version-removal.ts'
import { selectVersions, type VersionRow } from '../../registry/version-rows.ts'
import type { Write } from '../../storage/metadata/metadata.ts'
import type { RemovalAction } from './choose.ts'
import { type ChosenVersions, chooserFor, readingFor, type RunParts } from './choose-versions.ts'
import { readVersions } from './read-versions.ts'
import { retentionActor } from './retention-actor.ts'
import type { RetentionCandidate, RetentionRun } from './run-model.ts'
import { readCandidates, saveRun } from './run-rows.ts'

/** Versions removed in one transaction: some milliseconds during which others wait. Ours. */
const REMOVED_AT_ONCE = 50

/**
 * Removes what was chosen, package by package. Each is chosen once more in the transaction that removes it: what was used,
 * held, or changed since stays. Goes on where it was.
 */
export async function removeChosen(parts: RunParts, run: RetentionRun, topology: Topology): Promise<ChosenVersions> {
  let { figures, position } = run
  for (;;) {
    parts.signal.throwIfAborted()
    const after = position.candidate ?? 0
    const candidates = await readCandidates(parts.registry.metadata.db, {
      runId: run.id,
      after,
      limit: REMOVED_AT_ONCE,
    })
    const last = candidates.at(-1)
    if (!last) return { figures, position }
    const before = figures
    const reached = { ...position, candidate: last.position }
    figures = await parts.registry.metadata.write(async (write) => {
      let counted = before
      for (const some of Map.groupBy(candidates, (each) => each.packageId).values()) {
        const { versions, bytes } = await removeSome(write, parts.registry, { run, topology, candidates: some })
        const { removedVersions, freedBytes } = counted
        counted = { ...counted, removedVersions: removedVersions + versions, freedBytes: freedBytes + bytes }
      }
      await saveRun(write, run.id, { figures: counted, position: reached })
      return counted
    })
    position = reached
    await parts.report({ ...run, state: 'removing' }, figures)
    await nextTurn()
  }
}

interface SomeCandidates {
  readonly run: RetentionRun
  readonly topology: Topology
  /** Of one package. */
  readonly candidates: readonly RetentionCandidate[]
}

interface Removed {
  readonly versions: number
  readonly bytes: number
}

const nothing: Removed = { versions: 0, bytes: 0 }

async function removeSome(write: Write, parts: RegistryParts, some: SomeCandidates): Promise<Removed> {
  const [first] = some.candidates
  const node = first && some.topology.byName.get(first.repository)
  if (!first || !node) return nothing
  const { owner, name: domain } = some.topology.domain
  const name: PackageName = { format: first.format as FormatId, namespace: first.namespace, name: first.name }
  const address: PackageAddress = { owner, domain, repository: node.repository.name, package: name }
  const found = await findStanding(write, address, first.packageId)
  if (!found) return nothing
  const still = await chooseAgain(write, parts, { ...some, node, found, name })
  let removed = nothing
  for (const [action, rows] of still) {
    const remove = action === 'delete' ? removeVersions : disposeRows
    const bytes = await remove(write, parts, { address, found, versions: rows })
    await auditRemoval(write, parts, { run: some.run, address, action, rows })
    removed = { versions: removed.versions + rows.length, bytes: removed.bytes + bytes }
  }
  if (removed.versions > 0) await finish(write, parts, { address, found })
  return removed
}

/** The very package in which they were chosen. */
async function findStanding(write: Write, address: PackageAddress, id: string): Promise<FoundPackage | undefined> {
  const domain = await findDomain(write.tx, address)
  const repository = domain && (await findRepository(write.tx, domain.id, address.repository))
  const row = repository && (await findPackage(write.tx, repository.id, address.package))
  return domain && repository && row?.id === id ? { domain, repository, package: row } : undefined
}

interface Standing extends SomeCandidates {
  readonly node: RepositoryNode
  readonly found: FoundPackage
  readonly name: PackageName
}

/** Those that would still be chosen, with the content that was weighed, by what becomes of them. */
async function chooseAgain(
  write: Write,
  parts: RegistryParts,
  { run, topology, candidates, node, found, name }: Standing,
): Promise<ReadonlyMap<RemovalAction, readonly VersionRow[]>> {
  const wanted = new Map(candidates.map((each) => [each.referenceId, each]))
  const actions = new Map<string, RemovalAction>()
  const reading = readingFor(write.tx, parts, topology, node, run)
  const choose = chooserFor(run, node)
  for await (const { versions } of readVersions(reading, [{ ...name, id: found.package.id }])) {
    for (const version of versions) {
      const choice = choose(version)
      const isSame = wanted.get(version.id)?.contentId === version.contentId
      if (isSame && choice.kind === 'goes') actions.set(version.version, choice.action)
    }
  }
  if (actions.size === 0) return new Map()
  const rows = await selectVersions(write.tx, found.package.id)
    .where('held.version', 'in', [...actions.keys()])
    .orderBy('held.version')
    .execute()
  return Map.groupBy(rows, (row) => actions.get(row.version) ?? 'delete')
}

/** What was kept of a package from outside goes with its last version, as if nobody had ever asked for it. */
async function finish(
  write: Write,
  parts: RegistryParts,
  { address, found }: { readonly address: PackageAddress; readonly found: FoundPackage },
): Promise<void> {
  await write.tx.updateTable('packages').set({ updated_at: parts.clock() }).where('id', '=', found.package.id).execute()
  await removeEmptyPackage(write, found)
  touchPackage(write, found.domain.id, address.package)
}

async function auditRemoval(
  write: Write,
  parts: RegistryParts,
  removal: {
    readonly run: RetentionRun
    readonly address: PackageAddress
    readonly action: RemovalAction
    readonly rows: readonly VersionRow[]
  },
): Promise<void> {
  const { run, address, action, rows } = removal
  const operation = action === 'delete' ? 'DeletePackageVersions' : 'DisposePackageVersions'
  const details = { packageVersions: rows.map(({ version }) => version), ruleId: run.rule.id, retentionRunId: run.id }
  await auditCall(write, parts, retentionActor(address.owner), { operation, address, details })
}
