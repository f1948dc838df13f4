import { piecesMatcher } from '../../journal/pattern/text-search.ts'
import type { DomainAddress } from '../addresses.ts'
import { invalid } from '../errors.ts'
import type { RepositoryName } from '../names.ts'

/** `retention`: rules leave it alone. `removal`: nobody may delete or dispose of it either. */
export type HeldAgainst = 'retention' | 'removal'

export const heldAgainst: readonly HeldAgainst[] = ['retention', 'removal']

/** What must stay, and why. Times are ms since 1970. */
export interface Hold {
  readonly id: string
  /** Undefined: in every repository of the domain. */
  readonly repository: string | undefined
  /** As a package group's: `/npm//left-pad$`, `/maven/com.acme~`, `/*`. */
  readonly pattern: string
  /** `*` stands for any text. */
  readonly version: string
  readonly against: HeldAgainst
  readonly reason: string
  /** An ARN. */
  readonly createdBy: string
  readonly createdAt: number
  /** Undefined: until it is removed. */
  readonly endsAt: number | undefined
}

export interface NewHold {
  readonly address: DomainAddress & { readonly repository?: RepositoryName | undefined }
  readonly pattern: string
  readonly version: string
  readonly against: HeldAgainst
  readonly reason: string
  readonly endsAt: number | undefined
}

/** Longest reason and longest pattern of versions. Unit: characters. Ours. */
const REASON_MAX = 1_000
const VERSION_MAX = 255

/** Throws `invalid`. */
export function checkHold({ version, reason, endsAt }: NewHold, now: number): void {
  if (reason.trim() === '') throw invalid('reason', reason, 'must say why')
  if (reason.length > REASON_MAX) throw invalid('reason', reason, `must have at most ${REASON_MAX} characters`)
  checkVersionPattern('version', version)
  if (endsAt !== undefined && endsAt <= now) {
    throw invalid('endsAt', new Date(endsAt).toISOString(), 'must be in the future')
  }
}

/** Throws `invalid`. */
export function checkVersionPattern(field: string, text: string): void {
  if (text === '' || text.length > VERSION_MAX || text.includes('**')) {
    throw invalid(
      field,
      text,
      `must be a version of at most ${VERSION_MAX} characters, in which "*" stands for any text`,
    )
  }
}

/** Which versions a pattern means. */
export function versionMatcher(pattern: string): (version: string) => boolean {
  return piecesMatcher(pattern.split('*'))
}
