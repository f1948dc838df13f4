import { randomBytes, randomUUID } from 'node:crypto'
import { createAuthorizer } from '../../src/access/authorize.ts'
import { createWebIdentities } from '../../src/access/web-identity.ts'
import { createUpstreamSource } from '../../src/http/upstream/upstream-source.ts'
import { createIamService } from '../../src/services/iam/service.ts'
import type { QueryService } from '../../src/services/service.ts'
import { createStsService } from '../../src/services/sts/service.ts'
import type { IdentityStage } from './identity.ts'

/** IAM and STS on a stage, under the stage's clock. Identity providers may be on this machine. */
export function identityServices({ metadata, keyring, identity, sessions, time }: IdentityStage): QueryService[] {
  const clock = () => time.now
  const arns = { partition: 'aws', region: 'eu-west-3' }
  const iam = { metadata, keyring, arns, clock, randomBytes }
  const authorizer = createAuthorizer({ metadata, arns, clock })
  const source = createUpstreamSource({
    name: 'identity provider',
    url: new URL('https://issuer.invalid/'),
    indexTtlMs: 0,
    allowedHosts: ['127.0.0.0/8'],
    clock: Date.now,
    random: Math.random,
  })
  const webIdentities = createWebIdentities({ iam, source, clock })
  return [
    createStsService({ iam, sessions, authorizer, region: arns.region, webIdentities }),
    createIamService({ iam, identity, authorizer, region: arns.region, randomId: randomUUID }),
  ]
}
