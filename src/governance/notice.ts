import type { Hold } from '../registry/gate.ts'
import type { PackageName } from '../registry/names.ts'
import type { RegistryParts } from '../registry/parts.ts'
import type { Place } from '../registry/resolve.ts'

export type NoticeParts = Pick<RegistryParts, 'metadata' | 'clock' | 'randomId' | 'arns'>

/** Somebody was refused a version, or got one that a watching rule would have held. */
export interface Notice {
  readonly place: Pick<Place, 'topology' | 'node' | 'format'>
  readonly name: PackageName
  /** `*`: every version. */
  readonly version: string
  readonly holds: readonly Hold[]
  /** What the client was told; of what was given, why it would not have been. */
  readonly message: string
  /** ARNs, the latest first. */
  readonly askedBy: readonly string[]
  readonly count: number
  /** Unit: ms since 1970. */
  readonly at: number
}

/** Those who asked last. Ours. */
const ASKERS_MAX = 10

export function mergeAskers(latest: Pick<Notice, 'askedBy'>, before: Pick<Notice, 'askedBy'>): string[] {
  return [...new Set([...latest.askedBy, ...before.askedBy])].slice(0, ASKERS_MAX)
}
