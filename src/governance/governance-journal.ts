import type { Caller } from '../access/principal.ts'
import { recordAudit } from '../journal/audit.ts'
import { recordDomainEvent } from '../journal/domain-events.ts'
import { journalClock } from '../registry/call-journal.ts'
import type { RegistryParts } from '../registry/parts.ts'

/** A transaction, as the registry's parts begin it. */
export type Write = Parameters<Parameters<RegistryParts['metadata']['write']>[0]>[0]

export interface GovernanceFact {
  /** The operation: `PutRule`. Its permission is `packyard:PutRule`. */
  readonly operation: string
  readonly domain: { readonly id: string; readonly name: string; readonly owner: string }
  /** What audit record and event say beside the domain, in the words of CodeArtifact's. */
  readonly details: Readonly<Record<string, unknown>>
  readonly event: { readonly detailType: string; readonly resources: readonly string[] }
}

/** The fact's audit record and its event, in the transaction that makes it. */
export async function recordGovernance(
  write: Write,
  parts: RegistryParts,
  caller: Caller,
  { operation, domain, details, event }: GovernanceFact,
): Promise<void> {
  const clock = journalClock(parts)
  await recordAudit(write, clock, caller, {
    eventSource: 'packyard.amazonaws.com',
    eventName: operation,
    requestParameters: { domainName: domain.name, domainOwner: domain.owner, ...details },
    recipientAccountId: domain.owner,
  })
  const detail = { operationType: operation, ...details, principal: caller.principal.arn }
  await recordDomainEvent(write, clock, { domain, ...event, detail })
}
