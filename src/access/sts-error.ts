/** Why STS gives no credentials. Source: STS API Reference, the errors of its actions. */
export type StsFailure =
  | 'denied'
  | 'policy-too-large'
  | 'invalid-token'
  | 'token-expired'
  | 'provider-silent'
  | 'claim-rejected'
  | 'invalid-duration'

/** An expected failure. The message never holds a token. */
export class StsError extends Error {
  readonly kind: StsFailure

  constructor(kind: StsFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'StsError'
    this.kind = kind
  }
}
