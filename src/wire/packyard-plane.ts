import type { ConsoleSessions } from '../access/console-sessions.ts'
import type { Caller } from '../access/principal.ts'
import { formats } from '../formats/index.ts'
import type { Call, Plane } from '../http/call.ts'
import { readCookie, sessionCookieName } from '../services/console-caller.ts'
import { createStreamLimits } from '../services/packyard/job-events.ts'
import { createPackyardPlane } from '../services/packyard/plane.ts'
import { createSavings } from '../services/packyard/savings.ts'
import { completeSignature } from '../services/plane.ts'
import { createSignIn } from './console-sign-in.ts'
import type { PlaneParts } from './control-planes.ts'

/** Everything that answers below `/packyard/v1`. */
export function openPackyardPlane(plane: PlaneParts): Plane {
  const { config, opened, needs, signature, pageTokens, consoleSessions } = plane
  const { registry, upstreamHealth } = opened
  const parts = {
    registry,
    pageTokens,
    installationAccount: config.accountId,
    domainSuffix: config.domainSuffix,
    setupSteps: (id: string, endpoint: URL) => formats.find((format) => format.id === id)?.setup(endpoint) ?? [],
    upstreamHealth,
    processes: needs.processes,
    savings: createSavings(registry),
    consoleSessions,
    streams: createStreamLimits(),
    isStillIn: (call: Call) => isStillIn(consoleSessions, call),
    steadyClock: () => performance.now(),
  }
  return createPackyardPlane(
    parts,
    completeSignature(signature),
    createSignIn(config, opened, consoleSessions, needs.processes),
  )
}

/** Who signed the request itself stays who they are; a session may have ended since. */
async function isStillIn(sessions: ConsoleSessions, call: Call): Promise<boolean> {
  const caller = call.by as Caller | undefined
  if (caller?.via !== 'console') return true
  return sessions.stands(readCookie(call, sessionCookieName(call)) ?? '')
}
