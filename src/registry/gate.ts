import type { Domain, Repository } from './model.ts'
import type { PackageName } from './names.ts'

/** What governance is asked about: a version about to be published, or to be fetched from outside. */
export interface GateSubject {
  readonly domain: Domain
  readonly repository: Repository
  readonly name: PackageName
  readonly version: string
  readonly action: 'publish' | 'ingest'
}

export type Verdict = { readonly kind: 'pass' } | { readonly kind: 'block'; readonly reason: string }

/** The question that governance answers; asked before bytes are stored. */
export type Gate = (subject: GateSubject) => Promise<Verdict>
