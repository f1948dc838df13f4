import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { LoadOrder, LoadReport } from './load-generator.ts'
import { cpuMsOf } from './resources.ts'
import type { Probe } from './scenarios.ts'

/** What one round of load gave. */
export interface Measure {
  readonly requestsPerSecond: number
  /** Unit: ms. */
  readonly latencyP50Ms: number
  /** Unit: ms. */
  readonly latencyP99Ms: number
  /** The server's own work, which other work on the machine does not change much. Unit: ms. */
  readonly cpuMsPerRequest: number
}

export interface Load {
  /** Length of one round; its last answers may take longer. */
  readonly seconds: number
  readonly connections: number
  /** Where the generator runs; else wherever there is room. */
  readonly core?: number
}

const generator = fileURLToPath(new URL('./load-generator.ts', import.meta.url))

/** Sends one request over and over, from a process of its own. Throws when any answer is not the expected one. */
export async function measure(probe: Probe, serverPid: number, load: Load): Promise<Measure> {
  const { url, headers, status } = probe
  const before = cpuMsOf(serverPid)
  const order = { url, headers, status, seconds: load.seconds, connections: load.connections }
  const report = await generate(order, load.core)
  assert.equal(report.unexpected, 0, `${url} must answer ${status} each time`)
  return {
    requestsPerSecond: report.requests / report.seconds,
    latencyP50Ms: report.latencyP50Ms,
    latencyP99Ms: report.latencyP99Ms,
    cpuMsPerRequest: (cpuMsOf(serverPid) - before) / report.requests,
  }
}

async function generate(order: LoadOrder, core: number | undefined): Promise<LoadReport> {
  const pinned = core === undefined ? [] : ['taskset', '-c', String(core)]
  const command: readonly string[] = [...pinned, process.execPath, generator]
  const [program = '', ...words] = command
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(order))
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')])
  assert.equal(child.exitCode, 0, 'the load generator ended well')
  return JSON.parse(output) as LoadReport
}
