/** What is left of a UUID for counting. Unit: hexadecimal digits. */
const COUNTED_DIGITS = 12

/**
 * Ids of requests: in the form of UUIDs, as AWS's are, which clients show and nobody takes apart. Drawing a random one
 * for each would be a noticeable part of a warm request, so that a process draws one and counts on from there.
 */
export function createRequestIds(seed: string): () => string {
  const head = seed.slice(0, -COUNTED_DIGITS)
  // Half of the digits are chance, so that a process that was started again does not begin anew.
  let count = Number.parseInt(seed.slice(-COUNTED_DIGITS, -COUNTED_DIGITS / 2), 16) * 16 ** (COUNTED_DIGITS / 2)
  return () => {
    count = (count + 1) % 16 ** COUNTED_DIGITS
    return head + count.toString(16).padStart(COUNTED_DIGITS, '0')
  }
}
