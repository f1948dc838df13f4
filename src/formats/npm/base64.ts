import { refused } from '../../registry/errors.ts'

/** Decodes Base64 that arrives in pieces of any length, and refuses what is not Base64. Source: RFC 4648, section 4. */
export class Base64Decoder {
  /** Up to three characters that do not make a group yet. */
  #rest = ''
  #isPadded = false

  /** Throws `invalid`. */
  decode(bytes: Buffer): Buffer {
    const text = this.#rest + bytes.toString('latin1')
    const whole = text.length - (text.length % 4)
    this.#rest = text.slice(whole)
    if (whole === 0) return Buffer.alloc(0)
    if (this.#isPadded) throw refused('the tarball is not valid Base64: something follows its end')
    return this.#decodeGroups(text.slice(0, whole))
  }

  /** Throws `invalid` when the text broke off. */
  end(): void {
    if (this.#rest !== '') throw refused('the tarball is not valid Base64: it breaks off')
  }

  /** Node skips what is not Base64; then fewer bytes come out than the groups must give. */
  #decodeGroups(text: string): Buffer {
    const decoded = Buffer.from(text, 'base64')
    const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
    this.#isPadded = padding > 0
    if (decoded.length !== (text.length / 4) * 3 - padding) {
      throw refused('the tarball is not valid Base64: it holds characters that do not belong there')
    }
    return decoded
  }
}
