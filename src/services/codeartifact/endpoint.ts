import type { RepositoryAddress } from '../../registry/addresses.ts'
import type { FormatId } from '../../registry/names.ts'

/**
 * The address of a repository for the clients of one format, with a final slash. `origin`: how the caller reached us, or
 * the public address. `domainSuffix`: what stands after `{domain}-{owner}.`, as `packages.example.com`; without it the
 * endpoint is a path, which needs no name of its own for every domain.
 * Source: CodeArtifact User Guide, "Create a VPC endpoint without private DNS", for the path.
 */
export function repositoryEndpoint(
  { owner, domain, repository }: RepositoryAddress,
  format: FormatId,
  { origin, domainSuffix }: { readonly origin: string; readonly domainSuffix: string | undefined },
): string {
  if (domainSuffix === undefined) return `${origin}/${format}/d/${domain}-${owner}/${repository}/`
  const { protocol, port, pathname } = new URL(origin)
  const host = `${domain}-${owner}.${domainSuffix}${port && `:${port}`}`
  return `${protocol}//${host}${pathname.replace(/\/$/, '')}/${format}/${repository}/`
}
