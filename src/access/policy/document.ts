import type { Condition } from './conditions.ts'
import type { PrincipalEntry } from './principals.ts'
import type { Template } from './template.ts'

/** A policy document that has been read and checked. */
export interface PolicyDocument {
  readonly statements: readonly Statement[]
}

export interface Statement {
  /** Its place in the document, from 0. */
  readonly index: number
  readonly sid: string | undefined
  readonly effect: 'Allow' | 'Deny'
  readonly actions: Choice<Template>
  /** Undefined in trust policies. */
  readonly resources: Choice<Template> | undefined
  /** Undefined in identity policies. */
  readonly principals: Choice<PrincipalEntry> | undefined
  readonly conditions: readonly Condition[]
}

/** `Action` or `NotAction`, `Resource` or `NotResource`, `Principal` or `NotPrincipal`. */
export interface Choice<T> {
  readonly form: 'these' | 'all but these'
  readonly items: readonly T[]
}

/** A policy as a decision names it. */
export interface NamedPolicy {
  /** For people: an ARN, or `inline policy 'x' of user 'y'`. */
  readonly name: string
  readonly document: PolicyDocument
}

/** A document that cannot be used. The message names the place. */
export class PolicyDocumentError extends Error {
  /** `syntax`: not JSON. `grammar`: no policy. `principal`: names somebody who does not exist. */
  readonly kind: 'syntax' | 'grammar' | 'principal'

  constructor(kind: PolicyDocumentError['kind'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'PolicyDocumentError'
    this.kind = kind
  }
}
