import type { ConfigSources } from '../config.ts'
import type { MetricsText } from './metrics.ts'

/** What the primary tells a worker. Other messages travel on the same channel. */
export type PrimaryMessage =
  /**
   * Settings are handed on as they were given, so that secrets stay out of command lines and variables; but for the port,
   * which is one for all even where any would do.
   */
  | { readonly packyard: 'start'; readonly sources: ConfigSources; readonly isFirst: boolean; readonly port: number }
  | { readonly packyard: 'drain' }
  /** Undefined when not every process answered. */
  | { readonly packyard: 'metrics'; readonly id: number; readonly metrics: MetricsText | undefined }

/** What a worker tells the primary. */
export type WorkerMessage =
  /** It listens to the primary. */
  | { readonly packyard: 'loaded' }
  /** The first one has made what was missing; the others may start. */
  | { readonly packyard: 'prepared' }
  | { readonly packyard: 'ready'; readonly port: number }
  /** It cannot serve; it ends by itself. */
  | { readonly packyard: 'failed'; readonly message: string }
  | { readonly packyard: 'metrics-wanted'; readonly id: number }

export function isPrimaryMessage(message: unknown): message is PrimaryMessage {
  return isOurs(message)
}

export function isWorkerMessage(message: unknown): message is WorkerMessage {
  return isOurs(message)
}

function isOurs(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'packyard' in message
}
