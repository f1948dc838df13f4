import { randomBytes } from 'node:crypto'
import { createWebIdentities } from '../access/web-identity.ts'
import type { Config } from '../config.ts'
import { createUpstreamSource } from '../http/upstream/upstream-source.ts'
import { createIamService } from '../services/iam/service.ts'
import type { QueryService } from '../services/service.ts'
import { createStsService } from '../services/sts/service.ts'
import type { OpenedRegistry } from './registry.ts'

/** How long an identity provider may take, so that nobody's log-in hangs. Unit: ms. Ours. */
const PROVIDER_TIMEOUT_MS = 10_000

/** IAM and STS. */
export function createIdentityServices(
  config: Pick<Config, 'httpProxy' | 'httpsProxy' | 'noProxy' | 'oidcHosts' | 'organizationId'>,
  { registry, identity, sessions, keyring }: OpenedRegistry,
): readonly QueryService[] {
  const { metadata, arns, clock, authorizer, randomId } = registry
  const { organizationId } = config
  const iam = { metadata, keyring, arns, clock, randomBytes }
  const source = createUpstreamSource({
    name: 'identity provider',
    // No issuer is the operator's own host: every address but those allowed here is guarded.
    url: new URL('https://issuer.invalid/'),
    indexTtlMs: 0,
    allowedHosts: config.oidcHosts
      .split(',')
      .map((host) => host.trim())
      .filter((host) => host !== ''),
    proxy: { http: config.httpProxy, https: config.httpsProxy, none: config.noProxy },
    userAgent: 'packyard',
    limits: {
      connectTimeoutMs: PROVIDER_TIMEOUT_MS,
      headersTimeoutMs: PROVIDER_TIMEOUT_MS,
      totalTimeoutMs: PROVIDER_TIMEOUT_MS,
      attemptsMax: 2,
    },
    clock,
    random: Math.random,
  })
  const webIdentities = createWebIdentities({ iam, source, clock })
  return [
    createStsService({ iam, sessions, authorizer, region: arns.region, organizationId, webIdentities }),
    createIamService({ iam, identity, authorizer, region: arns.region, randomId }),
  ]
}
