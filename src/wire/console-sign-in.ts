import { randomBytes } from 'node:crypto'
import type { ConsoleSessions } from '../access/console-sessions.ts'
import { createOidcSignIn } from '../access/oidc-sign-in.ts'
import { createSignInLimit } from '../access/sign-in.ts'
import type { Config } from '../config.ts'
import type { SignInRouteParts } from '../services/packyard/session-routes.ts'
import { openWebIdentities } from './identity-services.ts'
import type { OpenedRegistry } from './registry.ts'

/** What signing in to the console needs. */
export function createSignIn(
  config: Config,
  opened: OpenedRegistry,
  consoleSessions: ConsoleSessions,
  processes: () => number,
): SignInRouteParts {
  const { registry, identity, sessions, keyring } = opened
  const { arns, clock } = registry
  const { iam, source, webIdentities } = openWebIdentities(config, opened)
  const oidc = createOidcSignIn({
    providers: config.consoleSignIn,
    source,
    webIdentities,
    assume: { iam, sessions, region: arns.region, organizationId: config.organizationId },
    keyring,
    randomBytes,
    clock,
    sessionSeconds: config.consoleSessionSeconds,
  })
  const limit = createSignInLimit(() => performance.now(), processes)
  const idleSeconds = config.consoleIdleSeconds
  return { identity, temporary: sessions, consoleSessions, limit, oidc, idleSeconds, clock }
}
