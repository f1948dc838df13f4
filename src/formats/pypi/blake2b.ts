/**
 * BLAKE2b with a digest of 32 bytes, which clients of this index send and OpenSSL does not make: its own has 64 bytes, and
 * the length goes into the digest. Words of 64 bits stand as two of 32, the lower first. Source: RFC 7693.
 */

const BLOCK_BYTES = 128
const DIGEST_BYTES = 32
const ROUNDS = 12

/** As the fractional parts of square roots. Source: RFC 7693, section 2.6. */
const initial = new Uint32Array([
  0xf3bcc908, 0x6a09e667, 0x84caa73b, 0xbb67ae85, 0xfe94f82b, 0x3c6ef372, 0x5f1d36f1, 0xa54ff53a, 0xade682d1,
  0x510e527f, 0x2b3e6c1f, 0x9b05688c, 0xfb41bd6b, 0x1f83d9ab, 0x137e2179, 0x5be0cd19,
])

/** Source: RFC 7693, section 2.7; the last two rounds are the first two again. */
const sigma = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
] as const

/** The four columns and the four diagonals of a round. */
const mixes = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
] as const

/** Every step of all rounds in one list: four words of the state and two of the message. */
const steps = Uint8Array.from(
  Array.from({ length: ROUNDS }).flatMap((_, round) =>
    mixes.flatMap(([a, b, c, d], at) => {
      const order = sigma[round % 10] ?? sigma[0]
      return [a * 2, b * 2, c * 2, d * 2, (order[at * 2] ?? 0) * 2, (order[at * 2 + 1] ?? 0) * 2]
    }),
  ),
)

export class Blake2b256 {
  readonly #h = initial.slice()
  readonly #v = new Uint32Array(32)
  readonly #m = new Uint32Array(32)
  readonly #block = Buffer.alloc(BLOCK_BYTES)
  readonly #words = new DataView(this.#block.buffer, this.#block.byteOffset, BLOCK_BYTES)
  #filled = 0
  #totalBytes = 0

  constructor() {
    this.#h[0] = (this.#h[0] ?? 0) ^ 0x01010000 ^ DIGEST_BYTES
  }

  /** The last block is kept back until it is known to be the last. */
  update(bytes: Buffer): this {
    let at = 0
    while (at < bytes.length) {
      if (this.#filled === BLOCK_BYTES) this.#compress('more to come')
      const taken = Math.min(BLOCK_BYTES - this.#filled, bytes.length - at)
      bytes.copy(this.#block, this.#filled, at, at + taken)
      this.#filled += taken
      this.#totalBytes += taken
      at += taken
    }
    return this
  }

  /** In lower-case hexadecimal. Ends the computation. */
  digest(): string {
    this.#block.fill(0, this.#filled)
    this.#compress('last')
    const digest = Buffer.alloc(DIGEST_BYTES)
    for (let i = 0; i < DIGEST_BYTES / 4; i++) digest.writeUInt32LE(this.#h[i] ?? 0, i * 4)
    return digest.toString('hex')
  }

  #compress(position: 'last' | 'more to come'): void {
    const [h, v, m] = [this.#h, this.#v, this.#m]
    v.set(h)
    v.set(initial, 16)
    v[24] = (v[24] ?? 0) ^ this.#totalBytes
    v[25] = (v[25] ?? 0) ^ Math.floor(this.#totalBytes / 2 ** 32)
    if (position === 'last') {
      v[28] = ~(v[28] ?? 0)
      v[29] = ~(v[29] ?? 0)
    }
    for (let i = 0; i < 32; i++) m[i] = this.#words.getUint32(i * 4, true)
    for (let at = 0; at < steps.length; at += 6) mix(v, m, at)
    for (let i = 0; i < 16; i++) h[i] = (h[i] ?? 0) ^ (v[i] ?? 0) ^ (v[i + 16] ?? 0)
    this.#filled = 0
  }
}

/** One step: additions modulo 2^64, and rotations by 32, 24, 16 and 63 bits to the right. All in variables: it is hot. */
function mix(v: Uint32Array, m: Uint32Array, at: number): void {
  const a = steps[at]!
  const b = steps[at + 1]!
  const c = steps[at + 2]!
  const d = steps[at + 3]!
  const x = steps[at + 4]!
  const y = steps[at + 5]!
  let a0 = v[a]! >>> 0
  let a1 = v[a + 1]! | 0
  let b0 = v[b]! >>> 0
  let b1 = v[b + 1]! | 0
  let c0 = v[c]! >>> 0
  let c1 = v[c + 1]! | 0
  let d0 = v[d]! | 0
  let d1 = v[d + 1]! | 0

  let sum = a0 + b0 + m[x]!
  a1 = (a1 + b1 + m[x + 1]! + ((sum / 0x100000000) | 0)) | 0
  a0 = sum >>> 0
  let low = d0 ^ a0
  d0 = d1 ^ a1
  d1 = low
  sum = c0 + (d0 >>> 0)
  c1 = (c1 + d1 + (sum > 0xffffffff ? 1 : 0)) | 0
  c0 = sum >>> 0
  low = b0 ^ c0
  let high = b1 ^ c1
  b0 = ((low >>> 24) | (high << 8)) >>> 0
  b1 = (high >>> 24) | (low << 8)

  sum = a0 + b0 + m[y]!
  a1 = (a1 + b1 + m[y + 1]! + ((sum / 0x100000000) | 0)) | 0
  a0 = sum >>> 0
  low = d0 ^ a0
  high = d1 ^ a1
  d0 = (low >>> 16) | (high << 16)
  d1 = (high >>> 16) | (low << 16)
  sum = c0 + (d0 >>> 0)
  c1 = (c1 + d1 + (sum > 0xffffffff ? 1 : 0)) | 0
  c0 = sum >>> 0
  low = b0 ^ c0
  high = b1 ^ c1
  v[a] = a0
  v[a + 1] = a1
  v[b] = (high >>> 31) | (low << 1)
  v[b + 1] = (low >>> 31) | (high << 1)
  v[c] = c0
  v[c + 1] = c1
  v[d] = d0
  v[d + 1] = d1
}
