import type { RepositoryAddress } from '../../registry/addresses.ts'
import type { FormatId } from '../../registry/names.ts'

export interface EndpointSettings {
  /** By which clients reach us; undefined: as the caller did. Without a final slash. */
  readonly publicUrl?: string | undefined
  /** Host style: what stands after `{domain}-{owner}.`, as `packages.example.com`; undefined: path style. */
  readonly domainSuffix?: string | undefined
}

/**
 * The repository's address for the clients of one format, with a final slash. Path style needs no name of its own for
 * every domain. Source: CodeArtifact User Guide, "Use CodeArtifact from a VPC", for both styles.
 */
export function repositoryEndpoint(
  { publicUrl, domainSuffix }: EndpointSettings,
  origin: string,
  { owner, domain, repository }: RepositoryAddress,
  format: FormatId,
): string {
  if (domainSuffix !== undefined) return `https://${domain}-${owner}.${domainSuffix}/${format}/${repository}/`
  const base = (publicUrl ?? origin).replace(/\/+$/, '')
  return `${base}/${format}/d/${domain}-${owner}/${repository}/`
}
