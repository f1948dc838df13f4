/** How many counters all scopes share. */
const COUNTERS = 65_536

/** The numbers behind `Epochs`: a fixed set, each standing for every scope whose hash leads to it. */
export class EpochCounters {
  readonly #counters = new Uint32Array(COUNTERS)

  of(scope: string): number {
    return this.at(slotOf(scope))
  }

  at(slot: number): number {
    return this.#counters[slot] ?? 0
  }

  bump(scope: string): void {
    const slot = slotOf(scope)
    this.#counters[slot] = (this.#counters[slot] ?? 0) + 1
  }

  /** For when it isn't known what changed. */
  bumpAll(): void {
    for (let slot = 0; slot < COUNTERS; slot++) this.#counters[slot] = (this.#counters[slot] ?? 0) + 1
  }
}

/** FNV-1a over UTF-16 units, folded to 16 bits. */
export function slotOf(scope: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < scope.length; index++) {
    hash = Math.imul(hash ^ scope.charCodeAt(index), 0x01000193)
  }
  return (hash ^ (hash >>> 16)) & (COUNTERS - 1)
}
