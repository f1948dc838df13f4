import { type Actor, recordAudit } from '../journal/audit.ts'
import type { JournalClock } from '../journal/events.ts'
import type { Write } from '../storage/metadata/metadata.ts'
import type { Address } from './addresses.ts'
import type { RegistryParts } from './parts.ts'

/** Who calls which operation on what; written down in the transaction that does it. */
export interface AuditedCall {
  readonly operation: string
  readonly address: Address
  /** Further request parameters, in CloudTrail's words. */
  readonly details?: Readonly<Record<string, unknown>>
}

export async function auditCall(
  write: Write,
  parts: RegistryParts,
  actor: Actor,
  { operation, address, details }: AuditedCall,
): Promise<void> {
  await recordAudit(write, journalClock(parts), actor, {
    eventName: operation,
    requestParameters: { ...requestParameters(address), ...details },
    recipientAccountId: address.owner,
  })
}

export function journalClock(parts: RegistryParts): JournalClock {
  return { region: parts.arns.region, now: parts.clock(), randomId: parts.randomId }
}

/** Source: CodeArtifact User Guide, "Logging CodeArtifact API calls with AWS CloudTrail". */
function requestParameters(address: Address): Record<string, unknown> {
  const { package: name } = address
  return {
    domainName: address.domain,
    domainOwner: address.owner,
    ...(address.repository === undefined ? {} : { repositoryName: address.repository }),
    ...(name === undefined ? {} : { packageFormat: name.format, packageName: name.name }),
    ...(name === undefined || name.namespace === '' ? {} : { packageNamespace: name.namespace }),
    ...(address.version === undefined ? {} : { packageVersion: address.version }),
  }
}
