import { RegistryError } from '../../registry/errors.ts'
import type { AccountId, DomainName } from '../../registry/names.ts'
import type { Write } from '../../storage/metadata/metadata.ts'
import { createTopologies, type Topology } from '../../registry/topology.ts'
import { type ChosenVersions, chooseVersions, type RunParts } from './choose-versions.ts'
import { removeChosen } from './remove-versions.ts'
import type { RetentionRun, RunFigures, RunPurpose, RunState } from './run-model.ts'
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
  /** Tells what came of it, in the transaction that ends it. */
  announce(write: Write, run: RetentionRun): Promise<void>
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
    return end(parts, run, { state: 'failed', position })
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
    const next = stateAfterWeighing(run)
    run = await (next === 'removing' ? save : end)(parts, run, { ...weighed, state: next })
  }
  if (run.state !== 'removing') return run
  if (!(await parts.isInForce(run))) {
    const position = { ...run.position, error: 'the rule has changed or is not enforced any more' }
    return end(parts, run, { state: 'failed', position })
  }
  const removed = await removeChosen(parts, run, topology)
  return end(parts, run, { ...removed, state: 'done' })
}

function stateAfterWeighing({ purpose, position }: RetentionRun): RunState {
  if (purpose !== 'enforce') return 'done'
  return (position.above ?? []).length > 0 ? 'unconfirmed' : 'removing'
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

async function end(parts: RunnerParts, run: RetentionRun, step: RunStep): Promise<RetentionRun> {
  const { metadata, clock } = parts.registry
  return metadata.write(async (write) => {
    await saveRun(write, run.id, { ...step, endedAt: clock() })
    const ended = (await findRun(write.tx, run.id)) ?? run
    await parts.announce(write, ended)
    return ended
  })
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
