/** A failure for which a service has a code of its own; answered as it stands. */
export class CodedError extends Error {
  /** `NotFoundException` */
  readonly code: string
  readonly status: number

  constructor(code: string, message: string, options: { readonly status?: number; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'CodedError'
    this.code = code
    this.status = options.status ?? 400
  }
}
