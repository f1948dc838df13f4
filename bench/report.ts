import type { Measure } from './load.ts'
import type { Memory } from './resources.ts'

/** Rounds of each contestant, in the order in which they were run. */
export type Rounds = ReadonlyMap<string, readonly Measure[]>

export interface Summary extends Measure {
  readonly contestant: string
  /** This contestant's requests per second over the reference's, round by round; the median. */
  readonly toReference: number
}

export interface Standing {
  readonly contestant: string
  readonly readyAfterMs: number
  readonly idle: Memory | undefined
  readonly loaded: Memory | undefined
}

/** The contestants of one scenario. Ratios compare rounds that ran next to each other, so that slow minutes cancel. */
export function summarise(rounds: Rounds, reference: string): Summary[] {
  const base = rounds.get(reference) ?? []
  return [...rounds].map(([contestant, measures]) => ({
    contestant,
    requestsPerSecond: median(measures.map(({ requestsPerSecond }) => requestsPerSecond)),
    latencyP50Ms: median(measures.map(({ latencyP50Ms }) => latencyP50Ms)),
    latencyP99Ms: median(measures.map(({ latencyP99Ms }) => latencyP99Ms)),
    cpuMsPerRequest: median(measures.map(({ cpuMsPerRequest }) => cpuMsPerRequest)),
    toReference: median(
      measures.map((each, round) => each.requestsPerSecond / (base[round]?.requestsPerSecond ?? Number.NaN)),
    ),
  }))
}

/** Of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2
}

export function renderScenario(
  title: string,
  bodyBytes: number,
  summaries: readonly Summary[],
  reference: string,
): string {
  const rows = summaries.map((each) => [
    each.contestant,
    each.requestsPerSecond.toFixed(each.requestsPerSecond < 100 ? 1 : 0),
    each.latencyP50Ms.toFixed(1),
    each.latencyP99Ms.toFixed(1),
    each.cpuMsPerRequest.toFixed(3),
    each.toReference.toPrecision(2),
  ])
  const heading = `${title} (${bodyBytes} bytes from ${summaries[0]?.contestant ?? reference})`
  return `${heading}\n${renderTable(['', 'requests/s', 'p50 ms', 'p99 ms', 'CPU ms each', `of ${reference}`], rows)}\n`
}

export function renderStandings(standings: readonly Standing[]): string {
  const rows = standings.map(({ contestant, readyAfterMs, idle, loaded }) => [
    contestant,
    String(readyAfterMs),
    String(idle?.nowMb ?? '?'),
    String(loaded?.nowMb ?? '?'),
    String(loaded?.peakMb ?? '?'),
  ])
  const columns = ['', 'ready after ms', 'idle MB', 'after load MB', 'peak MB']
  return `start and memory\n${renderTable(columns, rows)}\n`
}

export function renderTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [columns, ...rows]
  const widths = columns.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
  return all.map((row) => `  ${line(row)}`.trimEnd()).join('\n')
}
