import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database } from '../../registry/lookup.ts'
import type { RegistryParts } from '../../registry/parts.ts'
import type { RepositoryNode, Topology } from '../../registry/topology.ts'
import type { Write } from '../../storage/metadata/metadata.ts'
import { type Chooser, createChooser, type RetainedVersion } from './choose.ts'
import { CONFIRM_ABOVE_PERCENT } from './parameters.ts'
import { type PackageKey, readPackages, readVersions, type RepositoryReading } from './read-versions.ts'
import type { AboveShare, RetentionCandidate, RetentionRun, RunFigures, RunPosition } from './run-model.ts'
import { forgetCandidates, insertCandidates, saveRun } from './run-rows.ts'
import { leadingTo, packageFilter, repositoriesOf } from './scope.ts'

/** Packages whose versions are read together. Ours. */
const PACKAGES_AT_ONCE = 100
/** What is kept in memory before it is written down. Ours. */
const CANDIDATES_MAX = 500
/** Versions after which it is written down how far the run has come. Ours. */
const SAVED_EVERY = 5_000

/** What every step of a run is given. */
export interface RunParts {
  readonly registry: RegistryParts
  readonly signal: AbortSignal
  /** Says that the run is alive, and how far it is. Throws when it is somebody else's by now. */
  report(run: Pick<RetentionRun, 'id' | 'rule' | 'state'>, figures: RunFigures): Promise<void>
}

/** How a repository is read for a run, outside of transactions or within one. */
export function readingFor(
  db: Database,
  { formats }: RegistryParts,
  topology: Topology,
  node: RepositoryNode,
  run: Pick<RetentionRun, 'createdAt'>,
): RepositoryReading {
  const leadingHere = leadingTo(topology, node.id)
  return { db, formats, domainId: topology.domain.id, repositoryId: node.id, leadingHere, now: run.createdAt }
}

export function chooserFor({ rule, createdAt }: RetentionRun, node: RepositoryNode): Chooser {
  return createChooser(rule.parameters, { now: createdAt, repository: node.repository.name })
}

/** Looks at every version that the rule is about, a page at a time, and writes down which go. Goes on where it was. */
export async function chooseVersions(parts: RunParts, run: RetentionRun, topology: Topology): Promise<ChosenVersions> {
  const { metadata } = parts.registry
  // What was written after the last position that was saved is chosen again.
  await forgetCandidates(metadata, run.id, run.figures.chosenVersions + 1)
  const notes = new Notes(parts, run)
  const isMeant = packageFilter(run.rule)
  for (const node of repositoriesOf(topology, run.rule)) {
    const { name } = node.repository
    if (notes.isPast(name)) continue
    notes.enter(name)
    const reading = readingFor(metadata.db, parts.registry, topology, node, run)
    for (let after = notes.position.package; ; ) {
      parts.signal.throwIfAborted()
      const packages = await readPackages(reading, after, PACKAGES_AT_ONCE)
      await chooseAmong(notes, reading, { run, node, packages: packages.filter(isMeant) })
      after = packages.at(-1)
      if (after) await notes.pass(after)
      if (packages.length < PACKAGES_AT_ONCE) break
      await nextTurn()
    }
    await notes.leave()
  }
  return { figures: notes.figures, position: notes.position }
}

export type ChosenVersions = Pick<RetentionRun, 'figures' | 'position'>

async function chooseAmong(
  notes: Notes,
  reading: RepositoryReading,
  { run, node, packages }: { run: RetentionRun; node: RepositoryNode; packages: readonly PackageKey[] },
): Promise<void> {
  if (packages.length === 0) return
  let choose: Chooser | undefined
  for await (const { package: at, versions, isLast } of readVersions(reading, packages)) {
    choose ??= chooserFor(run, node)
    for (const version of versions) notes.add(at, version, choose(version))
    if (isLast) choose = undefined
    await notes.write()
  }
}

/** What has been found out and is not written down yet. */
class Notes {
  figures: RunFigures
  position: RunPosition
  readonly #parts: RunParts
  readonly #run: RetentionRun
  #candidates: RetentionCandidate[] = []
  #savedAt: number

  constructor(parts: RunParts, run: RetentionRun) {
    this.#parts = parts
    this.#run = run
    this.figures = run.figures
    this.position = run.position
    this.#savedAt = run.figures.lookedAtVersions
  }

  isPast(repository: string): boolean {
    const { repository: last, isLeft } = this.position
    return last !== undefined && (isLeft === true ? repository <= last : repository < last)
  }

  enter(repository: string): void {
    if (this.position.repository === repository) return
    this.position = { above: this.position.above ?? [], repository, lookedAt: 0, chosen: 0 }
  }

  add(name: PackageKey, version: RetainedVersion, choice: ReturnType<Chooser>): void {
    const { lookedAt = 0, chosen = 0 } = this.position
    const isChosen = choice.kind === 'goes'
    this.figures = {
      ...this.figures,
      lookedAtVersions: this.figures.lookedAtVersions + 1,
      heldVersions: this.figures.heldVersions + (choice.kind === 'kept' && choice.by === 'hold' ? 1 : 0),
      chosenVersions: this.figures.chosenVersions + (isChosen ? 1 : 0),
    }
    this.position = { ...this.position, lookedAt: lookedAt + 1, chosen: chosen + (isChosen ? 1 : 0) }
    if (!isChosen) return
    this.#candidates.push({
      position: this.figures.chosenVersions,
      referenceId: version.id,
      packageId: name.id,
      contentId: version.contentId,
      repository: this.position.repository ?? '',
      format: name.format,
      namespace: name.namespace,
      name: name.name,
      version: version.version,
      status: version.status,
      originType: version.origin.type,
      action: choice.action,
      sizeBytes: 0,
      usedAt: choice.usedAt,
    })
  }

  /** In the middle of a package only the candidates are written; an interrupted run chooses them again. */
  async write(): Promise<void> {
    if (this.#candidates.length < CANDIDATES_MAX) return
    await this.#flush(async () => {})
  }

  /** A package and all before it are done. */
  async pass({ format, namespace, name }: NonNullable<RunPosition['package']>): Promise<void> {
    this.position = { ...this.position, package: { format, namespace, name } }
    if (this.figures.lookedAtVersions - this.#savedAt >= SAVED_EVERY) await this.#save()
  }

  async leave(): Promise<void> {
    const { repository = '', lookedAt = 0, chosen = 0, above = [] } = this.position
    const { confirmAbovePercent = CONFIRM_ABOVE_PERCENT } = this.#run.rule.parameters
    const isAbove = chosen > 0 && (chosen === lookedAt || chosen * 100 > lookedAt * confirmAbovePercent)
    const share: AboveShare = { repository, chosenVersions: chosen, ofVersions: lookedAt }
    this.position = { repository, isLeft: true, above: isAbove ? [...above, share] : above }
    await this.#save()
  }

  async #save(): Promise<void> {
    await this.#flush((write) =>
      saveRun(write, this.#run.id, { state: 'choosing', figures: this.figures, position: this.position }),
    )
    this.#savedAt = this.figures.lookedAtVersions
    await this.#parts.report({ ...this.#run, state: 'choosing' }, this.figures)
  }

  async #flush(alsoIn: (write: Write) => Promise<void>): Promise<void> {
    const { metadata } = this.#parts.registry
    const sizes = await readSizes(metadata.db, this.#candidates)
    const candidates = this.#candidates.map((each) => ({ ...each, sizeBytes: sizes.get(each.referenceId) ?? 0 }))
    const chosenBytes = candidates.reduce((sum, { sizeBytes }) => sum + sizeBytes, this.figures.chosenBytes)
    this.figures = { ...this.figures, chosenBytes }
    await metadata.write(async (write) => {
      await insertCandidates(write, this.#run.id, candidates)
      await alsoIn(write)
    })
    this.#candidates = []
  }
}

/** Of their assets, by reference; what is disposed of has none. */
async function readSizes(db: Database, candidates: readonly RetentionCandidate[]): Promise<Map<string, number>> {
  const holders = candidates.filter(({ status }) => status !== 'Disposed')
  if (holders.length === 0) return new Map()
  const rows = await db
    .selectFrom('version_assets')
    .select(['content_id', (eb) => eb.fn.sum<number>('size_bytes').as('bytes')])
    .where(
      'content_id',
      'in',
      holders.map(({ contentId }) => contentId),
    )
    .groupBy('content_id')
    .execute()
  const bytes = new Map(rows.map((row) => [row.content_id, Number(row.bytes)]))
  return new Map(holders.map(({ referenceId, contentId }) => [referenceId, bytes.get(contentId) ?? 0]))
}
