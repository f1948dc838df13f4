import type { PageTokens } from '../aws/page-token.ts'
import type { Config } from '../config.ts'
import { createCloudTrailService } from '../services/cloudtrail/service.ts'
import { createEventsService } from '../services/events/service.ts'
import { createKmsService } from '../services/kms/service.ts'
import type { Service } from '../services/service.ts'
import { eventsParts } from './events.ts'
import { createIdentityServices } from './identity-services.ts'
import type { OpenedRegistry } from './registry.ts'

/** What speaks AWS beside CodeArtifact. */
export function createOtherServices(
  config: Config,
  opened: OpenedRegistry,
  pageTokens: PageTokens,
): readonly Service[] {
  const { registry } = opened
  return [
    createKmsService({ registry, pageTokens, seals: opened.keyring }),
    createEventsService(eventsParts(config, opened, pageTokens)),
    createCloudTrailService({ registry, pageTokens }),
    ...createIdentityServices(config, opened),
  ]
}
