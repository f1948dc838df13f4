import type { ConsoleSessions } from '../../access/console-sessions.ts'
import type { PageTokens } from '../../aws/page-token.ts'
import type { Call } from '../../http/call.ts'
import type { FormatId } from '../../registry/names.ts'
import type { RegistryParts } from '../../registry/parts.ts'
import type { UpstreamState } from '../../registry/upstream-health.ts'
import type { StreamLimits } from './job-events.ts'
import type { Savings } from './savings.ts'

/** What the operations are built from. */
export interface PackyardParts {
  readonly registry: RegistryParts
  readonly pageTokens: PageTokens
  /** The account whose administrators speak for the installation as a whole. */
  readonly installationAccount: string
  /** Of package endpoints that are hosts, as `packages.example.com`; undefined where they are paths. */
  readonly domainSuffix: string | undefined
  /** What a person pastes to use an endpoint. Empty for a format that is not served. */
  readonly setupSteps: (format: FormatId, endpoint: URL) => readonly SetupStep[]
  /** As this process has seen them. */
  readonly upstreamHealth: () => readonly UpstreamState[]
  /** How many processes serve. */
  readonly processes: () => number
  readonly savings: Savings
  readonly streams: StreamLimits
  /** Whether the session by which a call came still stands; a signature does. */
  readonly isStillIn: (call: Call) => Promise<boolean>
  readonly consoleSessions: ConsoleSessions
  /** Unit: ms. */
  readonly steadyClock: () => number
}

export interface SetupStep {
  readonly title: string
  readonly text: string
  readonly file?: string
}
