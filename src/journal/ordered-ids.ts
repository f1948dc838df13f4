/** As many ids as share one millisecond. Source: RFC 9562, section 6.2, method 1, with the 12 bits of `rand_a`. */
const COUNTER_MAX = 0xfff

/** Stands before the counter. Source: RFC 9562, section 5.7. */
const VERSION = 0x7000

/**
 * Ids (UUID v7) of which each sorts after all before it in this process: a counter orders those of one millisecond, and
 * where it is full, or the clock goes back, time goes on in the ids all the same. `random`: any UUID, for the rest.
 */
export function orderedIds(clock: () => number, random: () => string): () => string {
  let timeMs = 0
  let counter = 0
  let head = ''
  const begin = (time: number) => {
    timeMs = time
    counter = 0
    const text = time.toString(16).padStart(12, '0')
    head = `${text.slice(0, 8)}-${text.slice(8)}-`
  }
  return () => {
    const now = clock()
    if (now > timeMs) begin(now)
    else if (counter < COUNTER_MAX) counter += 1
    else begin(timeMs + 1)
    return head + (VERSION + counter).toString(16) + random().slice(18)
  }
}
