/**
 * Passes chunks on, the last one only once `verified` has resolved. When it rejects, the reader sees the error and never
 * the end, so that a client can tell a whole file from a broken one.
 */
export async function* withholdEnd<Chunk>(
  source: AsyncIterable<Chunk>,
  verified: Promise<unknown>,
): AsyncGenerator<Chunk> {
  let held: Chunk | undefined
  for await (const chunk of source) {
    if (held !== undefined) yield held
    held = chunk
  }
  await verified
  if (held !== undefined) yield held
}
