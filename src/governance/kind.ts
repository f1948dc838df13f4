import Type, { type Static, type TObject, type TProperties } from 'typebox'
import type { Candidate } from '../registry/gate.ts'
import type { VersionFacts } from '../registry/model.ts'
import type { PackageName } from '../registry/names.ts'
import type { Place } from '../registry/resolve.ts'
import type { RegistryParts } from '../registry/parts.ts'
import { checkParameters } from './check-parameters.ts'
import type { Decision } from './decision.ts'

/** What a rule may be about. `gate` decides on versions as they come and go; a kind without it is the business of a job. */
export interface RuleKind {
  /** `minimum-age`; what rules, messages and the command line call it. */
  readonly id: string
  /** One sentence for people. */
  readonly summary: string
  /** Its parameters. Each field's `rule` says in words what it must be. */
  readonly parameters: TObject
  /** An approval of a version lets it pass rules of this kind. A break-glass lets it pass every rule. */
  readonly isApprovable: boolean
  /** Whether its gate depends on when versions were published. */
  readonly wantsDates: boolean
  /** Throws `invalid`: names the parameter, its value and what it must be. */
  check(parameters: Readonly<Record<string, unknown>>): void
  /** Reads once what it needs to know of the package; `parameters` have been checked. Undefined: no gate. */
  readonly gate: ((parameters: unknown, reading: Reading) => Judge | Promise<Judge>) | undefined
}

/** The package whose versions are to be judged, and where. */
export interface Reading {
  readonly db: RegistryParts['metadata']['db']
  readonly place: Place
  readonly name: PackageName
}

/** Pure. */
export type Judge = (subject: Subject) => Verdict

/** A version and what is known of it. */
export interface Subject extends Candidate {
  /** What its metadata says: licences and dependencies. Read only when asked for. */
  facts(): VersionFacts
  /** What somebody decided about it, if that is in force; of several the one that counts. */
  readonly decision: Decision | undefined
  /** Unit: ms since 1970. */
  readonly now: number
}

/** `changesAt`, `availableAt`: when time alone makes another verdict. Unit: ms since 1970. */
export type Verdict =
  | { readonly kind: 'pass'; readonly changesAt?: number }
  /** `reason` completes "is held by rule X: …", in ASCII. `isApprovable`: as the kind says, unless said here. */
  | { readonly kind: 'hold'; readonly reason: string; readonly availableAt?: number; readonly isApprovable?: false }

export const pass: Verdict = { kind: 'pass' }

interface KindDefinition<Properties extends TProperties> extends Pick<RuleKind, 'id' | 'summary' | 'isApprovable'> {
  readonly parameters: Properties
  /** Not unless said. */
  readonly wantsDates?: true
  /** What no single field can say. Throws `invalid`. */
  check?(parameters: Static<TObject<Properties>>): void
  gate?(parameters: Static<TObject<Properties>>, reading: Reading): Judge | Promise<Judge>
}

export function defineKind<Properties extends TProperties>(definition: KindDefinition<Properties>): RuleKind {
  type Parameters = Static<TObject<Properties>>
  const { id, summary, isApprovable, wantsDates = false, gate } = definition
  const schema = Type.Object(definition.parameters)
  return {
    id,
    summary,
    isApprovable,
    wantsDates,
    parameters: schema,
    check(parameters) {
      checkParameters(id, schema, parameters)
      definition.check?.(parameters as Parameters)
    },
    gate: gate && ((parameters, reading) => gate(parameters as Parameters, reading)),
  }
}
