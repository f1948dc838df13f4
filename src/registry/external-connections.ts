import type { Caller } from '../access/principal.ts'
import { topologyScope } from '../storage/metadata/scopes.ts'
import { type RepositoryAddress, resourceIdOf } from './addresses.ts'
import { auditCall } from './call-journal.ts'
import { RegistryError, refused } from './errors.ts'
import { requireRepository } from './lookup.ts'
import type { Repository } from './model.ts'
import type { RegistryParts } from './parts.ts'
import { readRepository } from './repositories.ts'

export interface ConnectionChange {
  readonly address: RepositoryAddress
  /** `public:npmjs` */
  readonly connection: string
}

/**
 * One external connection per format; the service allows one in all, and none beside upstreams. Throws `missing`, and
 * `invalid` in the service's words when there is one of that format.
 */
export async function associateConnection(
  parts: RegistryParts,
  caller: Caller,
  { address, connection }: ConnectionChange,
): Promise<Repository> {
  return parts.metadata.write(async (write) => {
    const found = await requireRepository(write.tx, address)
    const known = parts.connections.get(connection)
    if (!known) throw connectionUnknown(parts, connection)
    const added = await write.tx
      .insertInto('repository_connections')
      .values({ repository_id: found.repository.id, format: known.format, connection })
      .onConflict((conflict) => conflict.doNothing())
      .returning('connection')
      .executeTakeFirst()
    if (!added) throw refused('ExternalConnections for repositories are currently limited to 1')
    const details = { externalConnection: connection }
    await auditCall(write, parts, caller, { operation: 'AssociateExternalConnection', address, details })
    write.touch(topologyScope(found.domain.id))
    return readRepository(write.tx, found)
  })
}

/** What came through it stays. Throws `missing`. */
export async function disassociateConnection(
  parts: RegistryParts,
  caller: Caller,
  { address, connection }: ConnectionChange,
): Promise<Repository> {
  return parts.metadata.write(async (write) => {
    const found = await requireRepository(write.tx, address)
    const removed = await write.tx
      .deleteFrom('repository_connections')
      .where('repository_id', '=', found.repository.id)
      .where('connection', '=', connection)
      .returning('connection')
      .executeTakeFirst()
    if (!removed) throw notAssociated(address, connection)
    const details = { externalConnection: connection }
    await auditCall(write, parts, caller, { operation: 'DisassociateExternalConnection', address, details })
    write.touch(topologyScope(found.domain.id))
    return readRepository(write.tx, found)
  })
}

function connectionUnknown(parts: RegistryParts, connection: string): RegistryError {
  const known = [...parts.connections.keys()].sort().join(', ')
  const message = `External connection not found. '${connection}' is none of ${known}.`
  return new RegistryError('missing', message, { resourceId: connection })
}

function notAssociated(address: RepositoryAddress, connection: string): RegistryError {
  const message = `External connection '${connection}' is not associated with repository '${address.repository}'.`
  return new RegistryError('missing', message, { resourceType: 'repository', resourceId: resourceIdOf(address) })
}
