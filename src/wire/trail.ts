import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import type { RequestObserver } from '../http/request-record.ts'
import { forgetOldFacts } from '../journal/trail/forget.ts'
import { startRecorder } from '../journal/trail/recorder.ts'
import { sealTrail } from '../journal/trail/seal.ts'
import type { OpenedRegistry } from './registry.ts'
import { noteRequest } from './request-notes.ts'

/** Between two looks for records to seal, and for what is too old. Unit: ms. Ours. */
const PAUSE_MS = { seal: 5_000, forget: 3_600_000 }
const DAY_MS = 86_400_000

export interface RunningTrail {
  readonly observer: RequestObserver
  stop(): Promise<void>
}

/** The key that ties the segments of the audit trail together. */
export function trailKey({ keyring }: Pick<OpenedRegistry, 'keyring'>): Buffer {
  return keyring.derive('audit chain')
}

/** Writes down who asked for what, seals it, and lets go of what is old. */
export function startTrail(
  { auditRetentionDays }: Pick<Config, 'auditRetentionDays'>,
  opened: OpenedRegistry,
  logger: Logger,
): RunningTrail {
  const { metadata, clock, randomId, arns } = opened.registry
  const recorder = startRecorder({
    metadata,
    region: arns.region,
    randomId,
    onLoss: (lost, error) => logger.error({ err: error, lost }, `${lost} audit records could not be written`),
  })
  const parts = { region: arns.region, clock, randomId }
  const sealing = { metadata, key: trailKey(opened), randomId }
  const auditMs = auditRetentionDays === 0 ? undefined : auditRetentionDays * DAY_MS
  const seal = repeat(
    PAUSE_MS.seal,
    () => sealTrail(sealing),
    (error) => logger.warn({ err: error }, 'could not seal the audit trail'),
  )
  const forget = repeat(
    PAUSE_MS.forget,
    () => forgetOldFacts(metadata, clock(), auditMs),
    (error) => logger.warn({ err: error }, 'could not remove old records'),
  )
  return {
    observer(record) {
      const noted = noteRequest(parts, record)
      if (noted) recorder.note(noted)
    },
    async stop() {
      await Promise.all([seal.stop(), forget.stop()])
      await recorder.stop()
      // So that what this process wrote does not wait for another one. It waits well, if that fails.
      await sealTrail(sealing).catch(() => undefined)
    },
  }
}

function repeat(ms: number, work: () => Promise<unknown>, onFailure: (error: unknown) => void) {
  let running: Promise<unknown> | undefined
  const timer = setInterval(() => {
    running ??= work()
      .catch(onFailure)
      .finally(() => {
        running = undefined
      })
  }, ms)
  timer.unref()
  return {
    async stop(): Promise<void> {
      clearInterval(timer)
      await running
    },
  }
}
