import { type CipherGCM, createSecretKey, type KeyObject } from 'node:crypto'

import { renderHeader, renderSeal, sealSegment, SEGMENT_BYTES, type WrappingKey } from './sealed-format.ts'

/** Encrypts one blob from its start to its end. */
export class Sealer {
  readonly dataKey: KeyObject
  readonly #header: Buffer
  #cipher: CipherGCM | undefined
  #sizeBytes = 0

  /** `dataKey` and `nonce` must be random, and never be used again. */
  constructor(dataKey: Buffer, wrapping: WrappingKey, nonce: Buffer) {
    this.dataKey = createSecretKey(dataKey)
    this.#header = renderHeader(dataKey, wrapping, nonce)
  }

  /** What stands before everything else. */
  get header(): Buffer {
    return this.#header
  }

  /** Bytes of the blob so far. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** What is to be written for these bytes, all of it. */
  update(bytes: Buffer): Buffer[] {
    const sealed: Buffer[] = []
    for (let rest = bytes; rest.length > 0; ) {
      this.#cipher ??= sealSegment(this.dataKey, this.#sizeBytes / SEGMENT_BYTES)
      const part = rest.subarray(0, SEGMENT_BYTES - (this.#sizeBytes % SEGMENT_BYTES))
      sealed.push(this.#cipher.update(part))
      this.#sizeBytes += part.length
      if (this.#sizeBytes % SEGMENT_BYTES === 0) sealed.push(...this.#closeSegment())
      rest = rest.subarray(part.length)
    }
    return sealed
  }

  /** What ends the file of a blob with this name. */
  end(sha256: string): Buffer {
    return Buffer.concat([...this.#closeSegment(), renderSeal(this.dataKey, sha256, this.#sizeBytes)])
  }

  #closeSegment(): Buffer[] {
    if (this.#cipher === undefined) return []
    const rest = this.#cipher.final()
    const tag = this.#cipher.getAuthTag()
    this.#cipher = undefined
    return [rest, tag]
  }
}
