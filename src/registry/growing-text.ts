import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

const compress = promisify(gzip)

/** Earlier states that are remembered, so that who knows one of them gets only what came after. Ours. */
const STATES_MAX = 10_000

/** A text as it stands at one moment. */
export interface TextState {
  /** The same for every state of one text: a later one begins with what an earlier one was. */
  readonly text: object
  readonly body: Buffer
  /** Lower-case hexadecimal. */
  readonly md5: string
  /** Base64. */
  readonly sha256: string
  /** The MD5 that the text had when it had this many bytes; undefined for states that it never had, or long ago. */
  md5At(lengthBytes: number): string | undefined
  /** Made when it is first asked for. */
  compressed(): Promise<Buffer>
}

/** A text to which only ever something is added. What is there is neither hashed nor copied again. */
export class GrowingText {
  #bytes = Buffer.allocUnsafe(0)
  #length = 0
  readonly #md5 = createHash('md5')
  readonly #sha256 = createHash('sha256')
  readonly #states = new Map<number, string>()

  /** States given before stay as they are: nothing before their end is ever written to. */
  append(added: Buffer): void {
    const length = this.#length + added.length
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.ceil(length * 1.25) + 1024)
      this.#bytes.copy(larger, 0, 0, this.#length)
      this.#bytes = larger
    }
    added.copy(this.#bytes, this.#length)
    this.#length = length
    this.#md5.update(added)
    this.#sha256.update(added)
  }

  state(): TextState {
    const body = this.#bytes.subarray(0, this.#length)
    const md5 = this.#md5.copy().digest('hex')
    this.#states.set(this.#length, md5)
    for (const [oldest] of this.#states) {
      if (this.#states.size <= STATES_MAX) break
      this.#states.delete(oldest)
    }
    let compressed: Promise<Buffer> | undefined
    return {
      text: this,
      body,
      md5,
      sha256: this.#sha256.copy().digest('base64'),
      md5At: (lengthBytes) => this.#states.get(lengthBytes),
      compressed: () => (compressed ??= compress(body)),
    }
  }
}
