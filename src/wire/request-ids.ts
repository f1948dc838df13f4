/** What is left of a UUID for counting, and the half of that which is counted first. Unit: hexadecimal digits. */
const COUNTED_DIGITS = 12
const LOW_DIGITS = 6
const HALF = 16 ** LOW_DIGITS

/** `00` to `ff`. A number takes a hundred times longer to become hexadecimal digits than these to be put together. */
const pairs: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/**
 * Ids of requests: in the form of UUIDs, as AWS's are, which clients show and nobody takes apart. Drawing a random one
 * for each would be a noticeable part of a warm request, so that a process draws one and counts on from there.
 */
export function createRequestIds(seed: string): () => string {
  const head = seed.slice(0, -COUNTED_DIGITS)
  // Half of the digits are chance, so that a process that was started again does not begin anew.
  let high = Number.parseInt(seed.slice(-COUNTED_DIGITS, -LOW_DIGITS), 16)
  let low = 0
  let start = head + digitsOf(high)
  return () => {
    low += 1
    if (low === HALF) {
      low = 0
      high = (high + 1) % HALF
      start = head + digitsOf(high)
    }
    return start + digitsOf(low)
  }
}

/** Of 24 bits. */
function digitsOf(half: number): string {
  return `${pairs[half >> 16]}${pairs[(half >> 8) & 255]}${pairs[half & 255]}`
}
