import type { Caller } from '../access/principal.ts'
import type { DomainAddress } from './addresses.ts'
import { auditCall } from './call-journal.ts'
import { requireDomain } from './lookup.ts'
import type { RegistryParts } from './parts.ts'

/** Writes down that a token for the domain was asked for, before it is made. Throws `missing`. */
export async function recordTokenRequest(
  parts: RegistryParts,
  caller: Caller,
  { address, durationSeconds }: { readonly address: DomainAddress; readonly durationSeconds: number },
): Promise<void> {
  await parts.metadata.write(async (write) => {
    await requireDomain(write.tx, address)
    await auditCall(write, parts, caller, { operation: 'GetAuthorizationToken', address, details: { durationSeconds } })
  })
}
