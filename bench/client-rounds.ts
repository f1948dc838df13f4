import type { Lifetime } from '../test/support/upstream.ts'
import { median, renderTable } from './report.ts'
import { cpuMsOf } from './resources.ts'

/** A client's command against one server. */
export interface Errand {
  readonly server: string
  readonly pid: number
  /** From nothing: no cache, no file of the last time. Checks what the client has got; resolves to its time. Unit: ms. */
  run(): Promise<number>
}

/** Something that a client does, with every server it is done with; the last one is the reference. */
export interface ClientScenario {
  readonly name: string
  readonly title: string
  /** The name of a part that this machine lacks. */
  missing(): string | undefined
  prepare(lifetime: Lifetime): Promise<readonly Errand[]>
}

/** One run of a client. */
export interface Trip {
  /** Unit: ms. */
  readonly ms: number
  /** The server's processor time meanwhile. Unit: ms. */
  readonly serverCpuMs: number
}

export interface TripSummary extends Trip {
  readonly server: string
  /** The run that the rest of the machine disturbed least. Unit: ms. */
  readonly fastestMs: number
  /** This server's time over the reference's, round by round; the median. */
  readonly toReference: number
}

/** One server after the other, round by round, beginning with another one each time. The first round is thrown away. */
export async function takeTurns(errands: readonly Errand[], rounds: number): Promise<ReadonlyMap<string, Trip[]>> {
  const trips = new Map<string, Trip[]>(errands.map(({ server }) => [server, []]))
  for (let round = -1; round < rounds; round++) {
    const order = errands.map((_, index) => errands[(index + round + 1) % errands.length])
    for (const errand of order) {
      if (!errand) continue
      const before = cpuMsOf(errand.pid)
      const ms = await errand.run()
      if (round >= 0) trips.get(errand.server)?.push({ ms, serverCpuMs: cpuMsOf(errand.pid) - before })
    }
  }
  return trips
}

export function summariseTrips(trips: ReadonlyMap<string, readonly Trip[]>, reference: string): TripSummary[] {
  const base = trips.get(reference) ?? []
  return [...trips].map(([server, each]) => ({
    server,
    ms: median(each.map(({ ms }) => ms)),
    fastestMs: Math.min(...each.map(({ ms }) => ms)),
    serverCpuMs: median(each.map(({ serverCpuMs }) => serverCpuMs)),
    toReference: median(each.map(({ ms }, round) => ms / (base[round]?.ms ?? Number.NaN))),
  }))
}

export function renderTrips(title: string, summaries: readonly TripSummary[], reference: string): string {
  const rows = summaries.map(({ server, ms, fastestMs, serverCpuMs, toReference }) => {
    return [
      server,
      (ms / 1000).toFixed(2),
      (fastestMs / 1000).toFixed(2),
      serverCpuMs.toFixed(0),
      toReference.toFixed(2),
    ]
  })
  return `${title}\n${renderTable(['', 'seconds', 'fastest', 'server CPU ms', `times ${reference}`], rows)}\n`
}
