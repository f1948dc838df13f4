/** Why a package endpoint does not know who is calling. */
export type UnauthenticatedKind = 'missing' | 'malformed' | 'wrong' | 'expired' | 'other-domain'

/** Answered as 401. The message is for the person who reads it in a package manager; it never holds the token. */
export class UnauthenticatedError extends Error {
  readonly kind: UnauthenticatedKind

  constructor(kind: UnauthenticatedKind, message: string) {
    super(message)
    this.name = 'UnauthenticatedError'
    this.kind = kind
  }
}
