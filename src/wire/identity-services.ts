import { randomBytes } from 'node:crypto'
import { createWebIdentities } from '../access/web-identity.ts'
import type { Config } from '../config.ts'
import { createIamService } from '../services/iam/service.ts'
import type { QueryService } from '../services/service.ts'
import { createStsService } from '../services/sts/service.ts'
import { createOutsideSource } from './outside-source.ts'
import type { OpenedRegistry } from './registry.ts'

/** How long an identity provider may take, so that nobody's log-in hangs. Unit: ms. Ours. */
const PROVIDER_TIMEOUT_MS = 10_000

/** What believes the tokens of identity providers. */
export function openWebIdentities(
  config: Pick<Config, 'httpProxy' | 'httpsProxy' | 'noProxy' | 'oidcHosts'>,
  { registry, keyring }: OpenedRegistry,
) {
  const { metadata, arns, clock } = registry
  const iam = { metadata, keyring, arns, clock, randomBytes }
  const limits = {
    connectTimeoutMs: PROVIDER_TIMEOUT_MS,
    headersTimeoutMs: PROVIDER_TIMEOUT_MS,
    totalTimeoutMs: PROVIDER_TIMEOUT_MS,
    attemptsMax: 2,
  }
  const source = createOutsideSource({
    name: 'identity provider',
    config,
    allowedHosts: config.oidcHosts,
    limits,
    clock,
  })
  return { iam, source, webIdentities: createWebIdentities({ iam, source, clock }) }
}

/** IAM and STS. */
export function createIdentityServices(
  config: Pick<Config, 'httpProxy' | 'httpsProxy' | 'noProxy' | 'oidcHosts' | 'organizationId'>,
  opened: OpenedRegistry,
): readonly QueryService[] {
  const { registry, identity, sessions } = opened
  const { arns, authorizer, randomId } = registry
  const { organizationId } = config
  const { iam, webIdentities } = openWebIdentities(config, opened)
  return [
    createStsService({ iam, sessions, authorizer, region: arns.region, organizationId, webIdentities }),
    createIamService({ iam, identity, authorizer, region: arns.region, randomId }),
  ]
}
