import { readFileSync } from 'node:fs'
import { processTree, residentMemory } from '../test/support/processes.ts'

/** Resident memory of a process and its children. Unit: MB. */
export interface Memory {
  readonly nowMb: number
  readonly peakMb: number
}

/** Undefined where there is no /proc. */
export function memoryOf(pid: number): Memory | undefined {
  const each = processTree(pid).flatMap((id) => residentMemory(id) ?? [])
  if (each.length === 0) return undefined
  return { nowMb: sumMb(each.map(({ nowBytes }) => nowBytes)), peakMb: sumMb(each.map(({ peakBytes }) => peakBytes)) }
}

function sumMb(bytes: readonly number[]): number {
  return Math.round(bytes.reduce((sum, each) => sum + each, 0) / 1_000_000)
}

/** Processor time that a process and its children have used. Unit: ms. NaN where there is no /proc. */
export function cpuMsOf(pid: number): number {
  return processTree(pid).reduce((sum, id) => sum + ownCpuMs(id), 0)
}

/** Processor time of all commands that this process has started and seen end, with theirs. Unit: ms. */
export function endedCpuMs(): number {
  return ticksOf(process.pid, [13, 14]) * TICK_MS
}

function ownCpuMs(pid: number): number {
  return ticksOf(pid, [11, 12]) * TICK_MS
}

/** On every common kernel. Unit: ms. Source: time(7), "The software clock, HZ, and jiffies". */
const TICK_MS = 10

/** The sum of fields, counted from the one behind the command's name. Source: proc_pid_stat(5). */
function ticksOf(pid: number, fields: readonly number[]): number {
  try {
    const all = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return fields.reduce((sum, field) => sum + Number(all[field]), 0)
  } catch {
    return Number.NaN
  }
}
