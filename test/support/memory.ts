import { writeFileSync } from 'node:fs'
import { processTree, residentMemory } from './processes.ts'

export const hasProcFileSystem = process.platform === 'linux'

/** Watches the resident memory of a server's processes from now on, by the kernel's own high-water mark. */
export class MemoryWatch {
  readonly #before = new Map<number, number>()

  constructor(pid: number) {
    for (const each of processTree(pid)) {
      // Source: proc(5), clear_refs: 5 sets the peak back to what is resident now.
      writeFileSync(`/proc/${each}/clear_refs`, '5')
      this.#before.set(each, residentMemory(each)?.nowBytes ?? 0)
    }
  }

  /** The most by which any one process grew. Unit: bytes. */
  growthBytes(): number {
    const growths = [...this.#before].map(([pid, before]) => (residentMemory(pid)?.peakBytes ?? 0) - before)
    return Math.max(...growths)
  }
}

/** Resident memory of each process of a server. Unit: bytes. */
export function memoryOfEach(pid: number): number[] {
  return processTree(pid).map((each) => residentMemory(each)?.nowBytes ?? 0)
}

export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}
