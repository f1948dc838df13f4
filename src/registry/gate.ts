import type { Caller } from '../access/principal.ts'
import type { HeldError } from './held.ts'
import type { VersionOrigin } from './model.ts'
import type { PackageName } from './names.ts'
import type { Place } from './resolve.ts'
import type { RepositoryNode } from './topology.ts'

/** Governance, as the registry asks it: on the way in, before bytes are stored, and on the way out. */
export interface Gates {
  /**
   * What stands between one package and the clients of a repository. Undefined, and without a promise, where the domain
   * has no rules; what is made of the answer may be kept for as long as the package's epoch and the topology's stand.
   */
  of(place: Place, name: PackageName): PackageGate | undefined | Promise<PackageGate | undefined>
  /** A client was refused: someone who may decide should hear of it. Costs next to nothing. */
  noteRefusal(place: Place, caller: Caller, error: HeldError): void
  /** A version was given that a rule in monitor mode would have held. Costs next to nothing. */
  noteObserved(place: Place, name: PackageName, version: string, observed: readonly Hold[]): void
  /** Writes what has been noted. Call before the database is closed. */
  flush(): Promise<void>
}

/** What rules say of the versions of one package; without input or output. */
export interface PackageGate {
  /** Whether anything depends on when versions were published, which some upstreams have to be asked for. */
  readonly wantsDates: boolean
  judge(candidate: Candidate): Judgement
}

/** A version that is about to be published, fetched or given away. */
export interface Candidate {
  readonly action: 'publish' | 'ingest' | 'read'
  readonly version: string
  /** The repository that holds it, or whose external connection offers it. */
  readonly holder: RepositoryNode
  readonly origin: VersionOrigin
  /** As its upstream says, or when it was published here. Unit: ms since 1970. Undefined: nobody says. */
  readonly publishedAt: number | undefined
  /** The format's own description. */
  readonly document: unknown
}

export interface Judgement {
  /** By rules that are enforced; the one that says most stands first. Empty: it may pass. */
  readonly holds: readonly Hold[]
  /** By rules that only watch. */
  readonly observed: readonly Hold[]
  /** When it may come out differently by time alone. Unit: ms since 1970; infinite where it can't. */
  readonly changesAt: number
}

/** Why a rule holds a version. */
export interface Hold {
  readonly rule: HoldingRule
  /** Half a sentence: `it was published 2026-11-19T10:00:00Z, less than 7 days ago`. */
  readonly reason: string
  /** When time alone lets it go. Unit: ms since 1970. */
  readonly availableAt: number | undefined
  /** An approval would let it go. */
  readonly isApprovable: boolean
}

export interface HoldingRule {
  readonly id: string
  readonly name: string
  readonly kind: string
  /** `domain acme`, `repository team`, `package group /npm/*`. */
  readonly scope: string
  /** Whom to ask; '' where nobody said. */
  readonly contact: string
}
