import assert from 'node:assert/strict'
import fc from 'fast-check'
import { RegistryError } from '../../src/registry/errors.ts'

/** Of each of these a few places changed: bytes in place of others, words of its language put in, parts left out or doubled. */
export function mutated(corpus: readonly (string | Buffer)[], words: readonly string[]): fc.Arbitrary<Buffer> {
  const added = fc.oneof(
    fc.constantFrom(...words).map((word) => Buffer.from(word)),
    fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
  )
  const place = fc.double({ min: 0, max: 1, noNaN: true })
  const change = fc.record({ from: place, added, lost: fc.nat(12), isDoubled: fc.boolean() })
  return fc
    .tuple(fc.constantFrom(...corpus), fc.array(change, { minLength: 1, maxLength: 5 }))
    .map(([given, changes]) => {
      let bytes = Buffer.from(given)
      for (const { from, added: more, lost, isDoubled } of changes) {
        const at = Math.floor(from * bytes.length)
        const end = isDoubled ? Math.max(0, at - lost) : at + lost
        bytes = Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(end)])
      }
      return bytes
    })
}

/** What comes from outside makes sense, or is refused as such; nothing else may come of it. */
export async function readOrRefused(read: () => unknown): Promise<void> {
  try {
    await read()
  } catch (error) {
    const isRefusal = error instanceof RegistryError && (error.kind === 'invalid' || error.kind === 'unavailable')
    assert.ok(isRefusal, error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
}
