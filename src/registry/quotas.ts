import { RegistryError, type RegistryErrorDetails } from './errors.ts'
import type { RegistryLimits } from './parts.ts'

/** What each quota is called. Source: AWS General Reference, "CodeArtifact quotas"; where it has none, ours. */
const quotas: Readonly<Record<keyof RegistryLimits, { readonly name: string; readonly unit: string }>> = {
  assetBytesMax: { name: 'Asset file size', unit: 'bytes' },
  assetsPerVersionMax: { name: 'Assets per package version', unit: 'assets' },
  domainsPerAccountMax: { name: 'Domains per AWS account', unit: 'domains' },
  repositoriesPerDomainMax: { name: 'Repositories per domain', unit: 'repositories' },
  packageGroupsPerDomainMax: { name: 'Package groups per domain', unit: 'package groups' },
  directUpstreamsMax: { name: 'Direct upstream repositories per repository', unit: 'upstream repositories' },
  searchedUpstreamsMax: { name: 'Searched upstream repositories', unit: 'repositories' },
  tagsPerResourceMax: { name: 'Tags per resource', unit: 'tags' },
}

/** Says which quota it is and how much it allows, so that the operator knows which setting to change. */
export function overQuota(
  quota: keyof RegistryLimits,
  limits: RegistryLimits,
  details: RegistryErrorDetails = {},
): RegistryError {
  const { name, unit } = quotas[quota]
  const message = `The quota '${name}' would be exceeded: it allows ${limits[quota]} ${unit}`
  return new RegistryError('quota', message, details)
}
