import { createHash } from 'node:crypto'
import type { Digests } from '../../registry/upstream.ts'
import { type ChecksumAlgorithm, checksumAlgorithms } from './layout.ts'

/** Digits of each. */
const digestLengths = { sha512: 128, sha256: 64, sha1: 40, md5: 32 } as const

/** Of bytes that are at hand. */
export function digestOf(bytes: Buffer, algorithm: ChecksumAlgorithm): string {
  return createHash(algorithm).update(bytes).digest('hex')
}

export function digestsOf(bytes: Buffer): Required<Digests> {
  const digests = checksumAlgorithms.map((algorithm) => [algorithm, digestOf(bytes, algorithm)])
  return Object.fromEntries(digests) as Required<Digests>
}

/**
 * What somebody else's checksum file says, in any of its forms: the digest alone, before a file's name as `sha1sum`
 * writes it, or behind one as BSD does. Gradle once left out leading zeros. Undefined for what is none, as a web page.
 */
export function readChecksum(text: string, algorithm: ChecksumAlgorithm): string | undefined {
  const length = digestLengths[algorithm]
  const words = text.trim().split(/[\s=]+/)
  const found = [words[0], words.at(-1)].find((word) => /^[0-9a-f]+$/i.test(word ?? '') && isLong(word ?? '', length))
  return found?.toLowerCase().padStart(length, '0')
}

/** At most as many zeros are missing as there are in one digest of four thousand million. */
function isLong({ length }: string, wanted: number): boolean {
  return length <= wanted && length >= wanted - 8
}

/** Headers by which Maven's own transport and Gradle need not ask for checksum files. */
export function checksumHeaders(digests: Digests): Record<string, string> {
  const headers = checksumAlgorithms.flatMap((algorithm) => {
    const digest = digests[algorithm]
    return digest === undefined ? [] : [[`X-Checksum-${algorithm.toUpperCase()}`, digest] as const]
  })
  return Object.fromEntries(headers)
}
