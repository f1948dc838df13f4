/** As many ids as share one millisecond. Source: RFC 9562, section 6.2, method 1, with the 12 bits of `rand_a`. */
const COUNTER_MAX = 0xfff

/**
 * Ids (UUID v7) of which each sorts after all before it in this process: a counter orders those of one millisecond, and
 * where it is full, or the clock goes back, time goes on in the ids all the same. `random`: any UUID, for the rest.
 */
export function orderedIds(clock: () => number, random: () => string): () => string {
  let timeMs = 0
  let counter = 0
  return () => {
    const now = clock()
    if (now > timeMs) {
      timeMs = now
      counter = 0
    } else if (counter < COUNTER_MAX) {
      counter += 1
    } else {
      timeMs += 1
      counter = 0
    }
    const time = timeMs.toString(16).padStart(12, '0')
    return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}${random().slice(18)}`
  }
}
