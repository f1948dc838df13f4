import { RegistryError } from '../../registry/errors.ts'
import type { AccountId, DomainName } from '../../registry/names.ts'
import { createTopologies, type Topology } from '../../registry/topology.ts'
import { type ChosenVersions, chooseVersions, type RunParts } from './choose-versions.ts'
import { removeChosen } from './remove-versions.ts'
import type { RetentionRun, RunFigures, RunPurpose } from './run-model.ts'
import { findOpenRun, findRun, type RunStep, saveRun } from './run-rows.ts'
import { weighSome } from './weigh.ts'

/** What came of some runs, one after the other. */
export interface RunsOutcome extends RunFigures {
  readonly runs: number
  /** Those that wait until somebody says how many versions they may remove. */
  readonly unconfirmedRuns: number
  readonly failedRuns: number
}

export interface RunnerParts extends RunParts {
  /** Whether the rule still stands as the run knows it, and is enforced. */
  isInForce(run: RetentionRun): Promise<boolean>
}

/** Does what waits, the oldest first; an interrupted one goes on where it was. */
export async function doRuns(parts: RunnerParts, purposes: readonly RunPurpose[]): Promise<RunsOutcome> {
  const ended: RetentionRun[] = []
  for (;;) {
    const run = await findOpenRun(parts.registry.metadata.db, purposes)
    if (!run) return outcomeOf(ended)
    ended.push(await doRun(parts, run))
  }
}

/** A rule that cannot be followed fails alone; whatever else goes wrong is tried again. */
async function doRun(parts: RunnerParts, run: RetentionRun): Promise<RetentionRun> {
  try {
    return await advance(parts, run)
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    const position = { ...run.position, error: error.message }
    return save(parts, run, { state: 'failed', position, endedAt: parts.registry.clock() })
  }
}

async function advance(parts: RunnerParts, given: RetentionRun): Promise<RetentionRun> {
  const topology = await findTopology(parts, given)
  let run = given
  if (run.state === 'waiting' || run.state === 'choosing') {
    run = await save(parts, run, { ...(await chooseVersions(parts, run, topology)), state: 'weighing' })
  }
  if (run.state === 'weighing') {
    const weighed = await weighChosen(parts, run)
    run = await save(parts, run, { ...weighed, ...stepAfterWeighing(run, parts.registry.clock()) })
  }
  if (run.state !== 'removing') return run
  if (!(await parts.isInForce(run))) {
    const position = { ...run.position, error: 'the rule has changed or is not enforced any more' }
    return save(parts, run, { state: 'failed', position, endedAt: parts.registry.clock() })
  }
  const removed = await removeChosen(parts, run, topology)
  return save(parts, run, { ...removed, state: 'done', endedAt: parts.registry.clock() })
}

function stepAfterWeighing({ purpose, position }: RetentionRun, now: number): RunStep {
  if (purpose !== 'enforce') return { state: 'done', endedAt: now }
  if ((position.above ?? []).length > 0) return { state: 'unconfirmed', endedAt: now }
  return { state: 'removing' }
}

async function weighChosen(parts: RunParts, run: RetentionRun): Promise<ChosenVersions> {
  let { figures, position } = run
  const { id, domainId } = run
  for (;;) {
    parts.signal.throwIfAborted()
    const after = position.content ?? ''
    const { bytes, next } = await weighSome(parts.registry.metadata.db, { runId: id, domainId, after })
    figures = { ...figures, freeableBytes: figures.freeableBytes + bytes }
    if (next === undefined) return { figures, position }
    position = { ...position, content: next }
    await save(parts, run, { figures, position })
    await parts.report(run, figures)
  }
}

async function save({ registry: { metadata } }: RunParts, run: RetentionRun, step: RunStep): Promise<RetentionRun> {
  await metadata.write((write) => saveRun(write, run.id, step))
  return (await findRun(metadata.db, run.id)) ?? run
}

/** Throws `missing`. */
async function findTopology({ registry }: RunParts, { domainId }: RetentionRun): Promise<Topology> {
  const { metadata } = registry
  const row = await metadata.db
    .selectFrom('domains')
    .select(['owner', 'name'])
    .where('id', '=', domainId)
    .executeTakeFirst()
  const topology = row && (await createTopologies(metadata).find(row.owner as AccountId, row.name as DomainName))
  if (!topology) throw new RegistryError('missing', 'the domain is gone')
  return topology
}

function outcomeOf(runs: readonly RetentionRun[]): RunsOutcome {
  const sum = (name: keyof RunFigures) => runs.reduce((total, { figures }) => total + figures[name], 0)
  return {
    runs: runs.length,
    unconfirmedRuns: runs.filter(({ state }) => state === 'unconfirmed').length,
    failedRuns: runs.filter(({ state }) => state === 'failed').length,
    lookedAtVersions: sum('lookedAtVersions'),
    heldVersions: sum('heldVersions'),
    chosenVersions: sum('chosenVersions'),
    chosenBytes: sum('chosenBytes'),
    freeableBytes: sum('freeableBytes'),
    removedVersions: sum('removedVersions'),
    freedBytes: sum('freedBytes'),
  }
}
