import type { VersionStatus } from '../../registry/model.ts'
import type { RemovalAction } from './choose.ts'
import type { RetentionParameters } from './parameters.ts'

/** A rule as it was when a run was asked for. */
export interface RetentionRule {
  readonly id: string
  readonly name: string
  /** Counts the rule's changes. */
  readonly version: number
  /** Undefined: in every repository of the domain. */
  readonly repositoryId: string | undefined
  /** Only packages that this group takes in, or one within it. */
  readonly group: string | undefined
  readonly parameters: RetentionParameters
}

/** `preview` only says what would go; so does `monitor`, every night. */
export type RunPurpose = (typeof runPurposes)[number]
export const runPurposes = ['preview', 'monitor', 'enforce'] as const

/** `unconfirmed`: it has chosen more than it may remove without being told to. */
export type RunState = 'waiting' | 'choosing' | 'weighing' | 'unconfirmed' | 'removing' | 'done' | 'failed'

export interface RunFigures {
  readonly lookedAtVersions: number
  /** What the rule would remove if nothing held it. */
  readonly heldVersions: number
  readonly chosenVersions: number
  /** Of the chosen versions' assets, each counted for itself. */
  readonly chosenBytes: number
  /** What the domain gets back: content once, and only where nothing else refers to it. */
  readonly freeableBytes: number
  readonly removedVersions: number
  /** What it did get back. The bytes go with the next collection. */
  readonly freedBytes: number
}

export const noFigures: RunFigures = {
  lookedAtVersions: 0,
  heldVersions: 0,
  chosenVersions: 0,
  chosenBytes: 0,
  freeableBytes: 0,
  removedVersions: 0,
  freedBytes: 0,
}

/** Where the next step goes on. Names are those of the last package that was looked at. */
export interface RunPosition {
  /** Repositories that are done stand before it, by name; it too when it `isLeft`. */
  readonly repository?: string
  readonly isLeft?: boolean
  readonly package?: { readonly format: string; readonly namespace: string; readonly name: string }
  /** Of the repository at hand. */
  readonly lookedAt?: number
  readonly chosen?: number
  /** The last content that was weighed. */
  readonly content?: string
  /** The last candidate that was removed. */
  readonly candidate?: number
  /** Repositories of which more is to be removed than the rule allows without a word. */
  readonly above?: readonly AboveShare[]
  /** Why it could not be done. */
  readonly error?: string
}

export interface AboveShare {
  readonly repository: string
  readonly chosenVersions: number
  readonly ofVersions: number
}

/** Times are ms since 1970. */
export interface RetentionRun {
  readonly id: string
  readonly domainId: string
  readonly rule: RetentionRule
  readonly purpose: RunPurpose
  readonly state: RunState
  readonly position: RunPosition
  readonly figures: RunFigures
  readonly askedBy: string
  readonly confirmedVersions: number | undefined
  readonly createdAt: number
  readonly endedAt: number | undefined
}

/** A version that a run has chosen. */
export interface RetentionCandidate {
  readonly position: number
  readonly referenceId: string
  readonly packageId: string
  readonly contentId: string
  readonly repository: string
  readonly format: string
  readonly namespace: string
  readonly name: string
  readonly version: string
  readonly status: VersionStatus
  readonly originType: string
  readonly action: RemovalAction
  readonly sizeBytes: number
  /** The last use that counts, or its arrival. */
  readonly usedAt: number
}
