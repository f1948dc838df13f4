import { randomBytes } from 'node:crypto'
import { type ConsoleSessions, createConsoleSessions } from '../access/console-sessions.ts'
import type { KeyUses } from '../access/key-uses.ts'
import { createRateLimit } from '../access/rate-limit.ts'
import type { Tokens } from '../access/tokens.ts'
import { createPageTokens } from '../aws/page-token.ts'
import type { Config } from '../config.ts'
import type { Plane } from '../http/call.ts'
import { createLazyPlane } from '../http/lazy-plane.ts'
import type { Sessions } from '../registry/open-session.ts'
import { isPackyardCall } from '../services/packyard/paths.ts'
import type { OpenedRegistry } from './registry.ts'

export interface ControlPlaneNeeds {
  readonly tokens: Tokens
  readonly sessions: Sessions
  readonly keyUses: KeyUses
  /** Who share the rates. */
  readonly processes: () => number
}

/** What is administered by: the plane of Packyard's own API, and that of the AWS APIs, which must stand last. */
export function createControlPlanes(
  config: Config,
  opened: OpenedRegistry,
  needs: ControlPlaneNeeds,
): readonly Plane[] {
  const { registry, identity, sessions, keyring } = opened
  const consoleSessions = createConsoleSessions({
    metadata: registry.metadata,
    identity,
    sessions,
    clock: registry.clock,
    randomId: registry.randomId,
    randomBytes,
    idleMs: config.consoleIdleSeconds * 1000,
    totalMs: config.consoleSessionSeconds * 1000,
  })
  const signature = {
    consoleSessions,
    identity,
    sessions,
    clock: registry.clock,
    rateLimit: createRateLimit({
      perSecond: config.apiRequestsPerSecond,
      processes: needs.processes,
      clock: () => performance.now(),
    }),
    noteKeyUse: needs.keyUses.note,
    publicHosts: config.publicUrl === undefined ? [] : [new URL(config.publicUrl).host],
  }
  const parts: PlaneParts = {
    config,
    opened,
    consoleSessions,
    needs,
    signature,
    pageTokens: createPageTokens(keyring.derive('page token')),
  }
  return [packyardPlane(parts), awsPlane(parts)]
}

/** What both are made from. */
export interface PlaneParts {
  readonly config: Config
  readonly opened: OpenedRegistry
  readonly needs: ControlPlaneNeeds
  readonly consoleSessions: ConsoleSessions
  readonly signature: Omit<Parameters<typeof import('../services/plane.ts')['createAwsPlane']>[0], 'services'>
  readonly pageTokens: ReturnType<typeof createPageTokens>
}

/** Loaded when somebody asks: most processes never see a call. */
function packyardPlane(parts: PlaneParts): Plane {
  const open = async () => (await import('./packyard-plane.ts')).openPackyardPlane(parts)
  return createLazyPlane('packyard', open, isPackyardCall)
}

/** Its 48 operations and their schemas are half of all code; nobody should wait for them before packages are served. */
function awsPlane({ config, opened, needs, signature, pageTokens }: PlaneParts): Plane {
  const { registry } = opened
  const { tokens, sessions } = needs
  return createLazyPlane('aws', async () => {
    const [{ createAwsPlane }, { createCodeArtifactService }, { createOtherServices }] = await Promise.all([
      import('../services/plane.ts'),
      import('../services/codeartifact/service.ts'),
      import('./other-services.ts'),
    ])
    const { domainSuffix } = config
    const codeArtifact = createCodeArtifactService({ registry, tokens, sessions, pageTokens, domainSuffix })
    return createAwsPlane({
      services: [codeArtifact, ...createOtherServices(config, opened, pageTokens)],
      ...signature,
    })
  })
}
