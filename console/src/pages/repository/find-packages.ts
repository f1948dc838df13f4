import type { Client } from '../../api/client.ts'
import type { CodeArtifact, PackageSummary } from '../../api/codeartifact.ts'
import type { PageOf } from '../../api/use-pages.ts'

/** What was searched for comes without its origin controls. */
export type ListedPackage = Omit<PackageSummary, 'originConfiguration'> & Partial<PackageSummary>

type ListInput = CodeArtifact['ListPackages']['input']

/** All packages of a repository, by name. */
export async function listPackages(
  client: Client,
  input: ListInput,
  signal: AbortSignal,
): Promise<PageOf<ListedPackage>> {
  const { packages, nextToken } = await client.codeartifact('ListPackages', input, signal)
  return { items: packages, nextToken }
}

interface SearchAnswer {
  readonly packages: readonly ListedPackage[]
  readonly nextToken?: string
}

/** Those whose name holds a text, the ones that begin with it first. */
export async function searchPackages(
  client: Client,
  input: ListInput & { readonly text: string },
  signal: AbortSignal,
): Promise<PageOf<ListedPackage>> {
  const { packages, nextToken } = await client.packyard<SearchAnswer>('GET /packages/search', input, signal)
  return { items: packages, nextToken }
}
