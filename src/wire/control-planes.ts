import type { KeyUses } from '../access/key-uses.ts'
import { createRateLimit } from '../access/rate-limit.ts'
import type { Tokens } from '../access/tokens.ts'
import { createPageTokens } from '../aws/page-token.ts'
import type { Config } from '../config.ts'
import { formats } from '../formats/index.ts'
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
  const signature = {
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
    needs,
    signature,
    pageTokens: createPageTokens(keyring.derive('page token')),
  }
  return [packyardPlane(parts), awsPlane(parts)]
}

interface PlaneParts {
  readonly config: Config
  readonly opened: OpenedRegistry
  readonly needs: ControlPlaneNeeds
  readonly signature: Omit<Parameters<typeof import('../services/plane.ts')['createAwsPlane']>[0], 'services'>
  readonly pageTokens: ReturnType<typeof createPageTokens>
}

/** Loaded when somebody asks: most processes never see a call. */
function packyardPlane({ config, opened, needs, signature, pageTokens }: PlaneParts): Plane {
  const { registry, upstreamHealth } = opened
  const open = async () => {
    const [{ createPackyardPlane }, { createSavings }, { completeSignature }] = await Promise.all([
      import('../services/packyard/plane.ts'),
      import('../services/packyard/savings.ts'),
      import('../services/plane.ts'),
    ])
    const parts = {
      registry,
      pageTokens,
      installationAccount: config.accountId,
      domainSuffix: config.domainSuffix,
      setupSteps: (id: string, endpoint: URL) => formats.find((format) => format.id === id)?.setup(endpoint) ?? [],
      upstreamHealth,
      processes: needs.processes,
      savings: createSavings(registry),
      steadyClock: () => performance.now(),
    }
    return createPackyardPlane(parts, completeSignature(signature))
  }
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
