import { fstatSync } from 'node:fs'
import { type Logger, pino } from 'pino'
import type { Config } from '../config.ts'
import { LineWriter } from './line-writer.ts'

/**
 * A pipe takes so much in one piece, so that processes that share it never mix their lines. Unit: bytes.
 * Source: POSIX, PIPE_BUF on Linux.
 */
const PIPE_WRITE_BYTES = 4096

/** A file takes everything in one piece. Unit: bytes. Ours: some hundred lines. */
const FILE_WRITE_BYTES = 65_536

/** How long a line may wait for others. Unit: ms. Ours. */
const FLUSH_MS = 200

/** What may wait when nobody reads standard output. Unit: bytes. Ours: some ten thousand lines. */
const WAITING_BYTES_MAX = 8 * 1024 ** 2

const STANDARD_OUTPUT = 1

export interface Log {
  readonly logger: Logger
  /** A line of level info with these members of a JSON object; whoever calls asks first whether info is logged. */
  writeInfo(members: string): void
  /** Writes what is still waiting. */
  flush(): void
}

/** JSON lines on standard output, gathered into few writes, which no request waits for. */
export function openLog(level: Config['logLevel']): Log {
  const writer = new LineWriter({
    descriptor: STANDARD_OUTPUT,
    charactersPerWrite: fstatSync(STANDARD_OUTPUT).isFile() ? FILE_WRITE_BYTES : PIPE_WRITE_BYTES,
    flushMs: FLUSH_MS,
    waitingMax: WAITING_BYTES_MAX,
    renderDropped: (count) => `{"level":"warn","msg":"${count} lines were dropped, as nobody read them in time"}\n`,
  })
  const timestamp = createTimestamp(Date.now)
  const options = {
    level,
    base: { pid: process.pid },
    timestamp,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  const head = '{"level":"info"'
  const base = `,"pid":${process.pid},`
  return {
    logger: pino(options, writer),
    writeInfo: (members) => writer.write(`${head}${timestamp()}${base}${members}}\n`),
    flush: () => writer.flush(),
  }
}

/** Many lines fall into one millisecond. */
function createTimestamp(clock: () => number): () => string {
  let shownMs = 0
  let shown = ''
  return () => {
    const now = clock()
    if (now !== shownMs) {
      shownMs = now
      shown = `,"time":"${new Date(now).toISOString()}"`
    }
    return shown
  }
}
