/** Why a request is nobody's. Source of the kinds: the common errors of AWS services. */
export type AuthenticationFailure =
  | 'unsigned'
  | 'incomplete'
  | 'unknown-key'
  | 'mismatch'
  | 'credentials-expired'
  | 'request-expired'

/** The request does not prove who sent it. The messages are AWS's own where people search for them. */
export class AuthenticationError extends Error {
  readonly kind: AuthenticationFailure

  constructor(kind: AuthenticationFailure, message: string) {
    super(message)
    this.name = 'AuthenticationError'
    this.kind = kind
  }
}

export function unsigned(): AuthenticationError {
  return new AuthenticationError('unsigned', 'Missing Authentication Token')
}

export function incomplete(message: string): AuthenticationError {
  return new AuthenticationError('incomplete', message)
}

export function unknownKey(): AuthenticationError {
  return new AuthenticationError('unknown-key', 'The security token included in the request is invalid.')
}

export function credentialsExpired(): AuthenticationError {
  return new AuthenticationError('credentials-expired', 'The security token included in the request is expired')
}

export function mismatch(message: string): AuthenticationError {
  return new AuthenticationError('mismatch', message)
}

export function wrongSignature(): AuthenticationError {
  return mismatch(
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key ' +
      'and signing method. Consult the service documentation for details.',
  )
}
