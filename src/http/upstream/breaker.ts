import type { UpstreamLimits } from './limits.ts'

/** `probe` lets one request find out whether a dead host has come back; `refuse` means: do not even try. */
export type Passage = 'pass' | 'probe' | 'refuse'

export interface Breaker {
  enter(): Passage
  /** The host answered, whatever it said. */
  answered(passage: Passage): void
  /** The host gave no answer at all. */
  failed(passage: Passage): void
  /** The request ended before it could tell. */
  abandoned(passage: Passage): void
  /** How long requests are still refused. Unit: ms. */
  waitMs(): number
}

/**
 * Counts answers that never came, so that a dead host costs a client milliseconds and not a time-out. An error status is
 * an answer: it comes at once, and says nothing about the host's other packages.
 */
export function createBreaker(limits: UpstreamLimits, clock: () => number): Breaker {
  let failures = 0
  let openMs = limits.openMsMin
  let openUntil = 0
  let isProbing = false

  function open(): void {
    openUntil = clock() + openMs
    openMs = Math.min(openMs * 2, limits.openMsMax)
  }

  return {
    enter() {
      if (failures < limits.failuresBeforeOpen) return 'pass'
      if (isProbing || clock() < openUntil) return 'refuse'
      isProbing = true
      return 'probe'
    },
    answered(passage) {
      if (passage === 'probe') isProbing = false
      failures = 0
      openMs = limits.openMsMin
    },
    failed(passage) {
      if (passage === 'probe') isProbing = false
      else if (++failures !== limits.failuresBeforeOpen) return
      open()
    },
    abandoned(passage) {
      if (passage === 'probe') isProbing = false
    },
    waitMs: () => Math.max(0, openUntil - clock()),
  }
}
