import { ApiError } from '../../api/api-error.ts'
import type { Client } from '../../api/client.ts'
import type { InDomain } from '../../api/codeartifact.ts'
import { type RepositoryDraft, storeOf } from './draft.ts'

/**
 * As the real service's wizard does it: each public registry is connected to a store of its own, which all repositories of
 * the domain share, and those stores become upstream of the new one.
 */
export async function createWithRegistries(client: Client, place: InDomain, draft: RepositoryDraft): Promise<void> {
  for (const connection of draft.registries) await ensureStore(client, place, connection)
  const names = [...new Set([...draft.upstreams, ...draft.registries.map(storeOf)])]
  await client.codeartifact('CreateRepository', {
    ...place,
    repository: draft.name,
    ...(draft.description && { description: draft.description }),
    upstreams: names.map((repositoryName) => ({ repositoryName })),
  })
}

async function ensureStore(client: Client, place: InDomain, externalConnection: string): Promise<void> {
  const store = { ...place, repository: storeOf(externalConnection) }
  const found = await client.codeartifact('DescribeRepository', store).catch(missing)
  if (!found) {
    await client.codeartifact('CreateRepository', { ...store, description: `Packages from ${externalConnection}` })
  }
  const connections = found?.repository.externalConnections ?? []
  if (connections.some(({ externalConnectionName }) => externalConnectionName === externalConnection)) return
  await client.codeartifact('AssociateExternalConnection', { ...store, externalConnection })
}

function missing(thrown: unknown): undefined {
  if (thrown instanceof ApiError && thrown.code === 'ResourceNotFoundException') return undefined
  throw thrown
}
