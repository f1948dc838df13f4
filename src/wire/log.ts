import { type Logger, pino } from 'pino'
import type { Config } from '../config.ts'

/** Lines are gathered into writes of this size at least, and of at most `WRITE_BYTES_MAX`. Unit: bytes. Ours. */
const WRITE_BYTES_MIN = 2048

/** A pipe takes so much in one piece, so that processes that share it never mix their lines. Unit: bytes. Source: POSIX, PIPE_BUF on Linux. */
const WRITE_BYTES_MAX = 4096

/** How long a line may wait for others. Unit: ms. Ours. */
const FLUSH_MS = 200

export interface Log {
  readonly logger: Logger
  /** Writes what is still waiting. */
  flush(): void
}

/** JSON lines on standard output, written without making requests wait. */
export function openLog(level: Config['logLevel']): Log {
  const target = {
    dest: 1,
    sync: false,
    minLength: WRITE_BYTES_MIN,
    maxWrite: WRITE_BYTES_MAX,
    periodicFlush: FLUSH_MS,
  }
  const destination = pino.destination(target)
  const options = {
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return { logger: pino(options, destination), flush: () => destination.flushSync() }
}
