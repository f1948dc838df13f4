import { createCipheriv } from 'node:crypto'
import { accessSync, constants } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Lifetime } from '../test/support/upstream.ts'
import { median, renderTable } from './report.ts'
import { cpuMsOf, endedCpuMs } from './resources.ts'

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
  /** The client's own, and that of whatever it started. Unit: ms. */
  readonly clientCpuMs: number
}

export interface TripSummary extends Trip {
  readonly server: string
  /** The run that the rest of the machine disturbed least. Unit: ms. */
  readonly fastestMs: number
  /** This server's time over the reference's, round by round; the median. */
  readonly toReference: number
  /** The same of the processor time of client and server together, which other work on the machine hardly changes. */
  readonly cpuToReference: number
}

/**
 * Where the clients of a scenario have their homes, removed at the end: in memory where the machine has such a folder. A
 * client that begins from nothing removes and makes files round by round, and ext4 then searches for file numbers that
 * were not freed a moment ago, which takes longer than everything that is measured.
 */
export async function clientFolder(lifetime: Lifetime): Promise<string> {
  const folder = await mkdtemp(join(isWritable('/dev/shm') ? '/dev/shm' : tmpdir(), 'packyard-bench-'))
  lifetime.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Bytes that cannot be compressed; the same each time. */
export function noise(seed: number, bytes: number): Buffer {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed + 1), Buffer.alloc(16))
  return cipher.update(Buffer.alloc(bytes))
}

/** One server after the other, round by round, beginning with another one each time. The first round is thrown away. */
export async function takeTurns(errands: readonly Errand[], rounds: number): Promise<ReadonlyMap<string, Trip[]>> {
  const trips = new Map<string, Trip[]>(errands.map(({ server }) => [server, []]))
  for (let round = -1; round < rounds; round++) {
    const order = errands.map((_, index) => errands[(index + round + 1) % errands.length])
    for (const errand of order) {
      if (!errand) continue
      const trip = await takeTrip(errand)
      if (round >= 0) trips.get(errand.server)?.push(trip)
    }
  }
  return trips
}

async function takeTrip(errand: Errand): Promise<Trip> {
  const [server, clients] = [cpuMsOf(errand.pid), endedCpuMs()]
  const ms = await errand.run()
  return { ms, serverCpuMs: cpuMsOf(errand.pid) - server, clientCpuMs: endedCpuMs() - clients }
}

export function summariseTrips(trips: ReadonlyMap<string, readonly Trip[]>, reference: string): TripSummary[] {
  const base = trips.get(reference) ?? []
  const toReference = (each: readonly Trip[], cost: (trip: Trip) => number) =>
    median(
      each.map((trip, round) => {
        const other = base[round]
        return other ? cost(trip) / cost(other) : Number.NaN
      }),
    )
  return [...trips].map(([server, each]) => ({
    server,
    ms: median(each.map(({ ms }) => ms)),
    fastestMs: Math.min(...each.map(({ ms }) => ms)),
    serverCpuMs: median(each.map(({ serverCpuMs }) => serverCpuMs)),
    clientCpuMs: median(each.map(({ clientCpuMs }) => clientCpuMs)),
    toReference: toReference(each, ({ ms }) => ms),
    cpuToReference: toReference(each, ({ clientCpuMs, serverCpuMs }) => clientCpuMs + serverCpuMs),
  }))
}

export function renderTrips(title: string, summaries: readonly TripSummary[], reference: string): string {
  const rows = summaries.map((summary) => {
    const { server, ms, fastestMs, serverCpuMs, clientCpuMs, toReference, cpuToReference } = summary
    const seconds = [ms, fastestMs, clientCpuMs].map((each) => (each / 1000).toFixed(2))
    return [server, ...seconds, serverCpuMs.toFixed(0), toReference.toFixed(2), cpuToReference.toFixed(2)]
  })
  const columns = ['', 'seconds', 'fastest', 'client CPU s', 'server CPU ms', `times ${reference}`, 'in CPU time']
  return `${title}\n${renderTable(columns, rows)}\n`
}
