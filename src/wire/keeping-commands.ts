import { CommandError, type ExitCode, exitCodes } from '../cli/exit-codes.ts'
import type { Form, KeepingCommands } from '../cli/keeping-program.ts'
import type { GivenFlags } from '../cli/program.ts'
import { renderJobs, renderSweep, renderVerify } from '../cli/keeping-text.ts'
import type { Config } from '../config.ts'
import type { Job, Json } from '../jobs/job.ts'
import { listJobs } from '../jobs/job-rows.ts'
import { sweepParts } from '../jobs/kinds.ts'
import { type RunNow, runNow } from '../jobs/run-now.ts'
import { previewSweep, type SweepFigures } from '../jobs/sweep/sweep.ts'
import type { VerifyReport } from '../jobs/verify/verify.ts'
import { memoryLocks } from '../storage/locks/memory.ts'
import { kindParts, type OpenedRegistry, openRegistry } from './registry.ts'
import { watchStopSignals } from './signals.ts'

export interface KeepingCommandParts {
  loadConfig(flags: GivenFlags): Promise<Config>
  readonly writeOut: (text: string) => void
  readonly writeError: (text: string) => void
}

/** They work on the installation itself, beside servers that may be running. */
export function createKeepingCommands(parts: KeepingCommandParts): KeepingCommands {
  const show = (value: unknown, text: string, form: Form) =>
    parts.writeOut(form === 'json' ? `${JSON.stringify(value, undefined, 2)}\n` : text)
  return {
    jobs: (flags, form) =>
      withRegistry(parts, flags, async ({ registry }) => {
        const jobs = await listJobs(registry)
        show({ jobs }, renderJobs(jobs), form)
        return exitCodes.success
      }),
    gc: (flags, how, form) =>
      withRegistry(parts, flags, async (opened, config) => {
        if (how === 'look') {
          const looking = { ...sweepParts(kindParts(config, opened)), signal: new AbortController().signal }
          const figures = await previewSweep({ ...looking, onProgress: async () => {} })
          show(figures, renderSweep(figures, 'would be removed'), form)
          return exitCodes.success
        }
        const outcome = await runJob(parts, opened, 'gc', { input: null, progress: 'begin afresh' })
        show(outcome, renderSweep(outcome as unknown as SweepFigures, 'removed'), form)
        return exitCodes.success
      }),
    verify: (flags, { damage, progress }, form) =>
      withRegistry(parts, flags, async (opened) => {
        const asked = { input: { repair: damage === 'repair' }, progress }
        const report = (await runJob(parts, opened, 'verify', asked)) as unknown as VerifyReport
        show(report, renderVerify(report), form)
        const isWhole = report.missingBlobs + report.damagedBlobs === report.repairedBlobs
        return isWhole ? exitCodes.success : exitCodes.failure
      }),
  }
}

export async function withRegistry(
  { loadConfig }: KeepingCommandParts,
  flags: GivenFlags,
  work: (opened: OpenedRegistry, config: Config) => Promise<ExitCode>,
): Promise<ExitCode> {
  const config = await loadConfig(flags)
  const opened = await openRegistry(config, memoryLocks())
  try {
    return await work(opened, config)
  } finally {
    await opened.close()
  }
}

/** Does the job here, or watches the server that has it already; its outcome. Throws `CommandError` when it did not end well. */
export async function runJob(
  { writeError }: KeepingCommandParts,
  { registry, kinds }: Pick<OpenedRegistry, 'registry' | 'kinds'>,
  name: string,
  asked: Pick<RunNow, 'input' | 'progress'>,
): Promise<Json> {
  const kind = kinds.find((candidate) => candidate.name === name)
  if (!kind) throw new Error(`there is no job ${name}`)
  const stopping = new AbortController()
  void watchStopSignals(() => process.exit(1)).asked.then(() => stopping.abort(new Error('interrupted')))
  const onProgress = createProgressWriter(writeError)
  const { metadata, clock, randomId } = registry
  const given = { ...asked, signal: stopping.signal, onProgress }
  const job = await runNow({ metadata, clock, randomId, random: Math.random }, kind, given)
  if (job.state === 'done') return job.outcome ?? null
  if (stopping.signal.aborted) throw new CommandError(`${name} was interrupted; the next run goes on from there`)
  const more = job.state === 'failed' ? '' : `; it is tried again at ${new Date(job.dueAt).toISOString()}`
  throw new CommandError(`${name} did not work: ${job.error ?? 'no reason is known'}${more}`)
}

/** Says once that another process does the work. */
function createProgressWriter(writeError: (text: string) => void): (job: Job) => void {
  let hasSaid = false
  return (job) => {
    if (hasSaid || job.state !== 'running') return
    hasSaid = true
    writeError(`another process is doing this already; waiting for it\n`)
  }
}
