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

/** Source: proc_pid_stat(5): fields 14 and 15, in ticks of 10 ms on every common kernel. */
function ownCpuMs(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) * 10
  } catch {
    return Number.NaN
  }
}
