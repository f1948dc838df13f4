/** Encrypts keys, so that they may stand in the database. */
export interface KeyWrapping {
  /** By the newest wrapping key. `context` must be given again to unwrap it. */
  wrap(secret: Buffer, context: KeyContext): Promise<WrappedKey>
  /** Throws when the wrapping key can't be had, or the wrapped one was changed. */
  unwrap(key: WrappedKey, context: KeyContext): Promise<Buffer>
}

export interface WrappedKey {
  readonly wrapped: Uint8Array
  /** Which wrapping key: `keyring:1`, or `kms:` and the ARN of a key. */
  readonly wrappedBy: string
}

/** What a key is for. No secret: a key service logs it. */
export interface KeyContext {
  readonly domainId: string
  readonly version: number
}
