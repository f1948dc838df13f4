/** Why IAM refuses. Source: IAM API Reference, the errors of its actions. */
export type IamFailure =
  | 'missing'
  | 'exists'
  | 'delete-conflict'
  | 'limit'
  | 'malformed-policy'
  | 'invalid'
  | 'unmodifiable'

/** An expected failure. The message is for the person who reads it in a client. */
export class IamError extends Error {
  readonly kind: IamFailure

  constructor(kind: IamFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'IamError'
    this.kind = kind
  }
}

export function invalidInput(name: string, value: string, rule: string): IamError {
  return new IamError('invalid', `The value '${value.slice(0, 100)}' of ${name} ${rule}.`)
}
