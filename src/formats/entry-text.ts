import type { ReadEntry } from 'tar'

/** What one file of an archive holds, kept while the archive is read. */
export class EntryText {
  readonly #chunks: Buffer[] = []
  #keptBytes = 0

  /** Keeps the first `limitBytes`, and reads the entry to its end. */
  constructor(entry: ReadEntry, limitBytes: number) {
    entry.on('data', (chunk: Buffer) => {
      const kept = chunk.subarray(0, limitBytes - this.#keptBytes)
      this.#keptBytes += kept.length
      if (kept.length > 0) this.#chunks.push(Buffer.from(kept))
    })
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  /** Without a byte order mark; what is not UTF-8 is replaced. */
  text(): string {
    return this.bytes()
      .toString('utf8')
      .replace(/^\uFEFF/, '')
  }
}
