import type { PackageAddress } from '../../registry/addresses.ts'
import { versionFromInput } from '../../registry/name-rules.ts'
import type { RegistryParts } from '../../registry/parts.ts'
import type { VersionsChange } from '../../registry/version-changes.ts'

export interface BatchInput {
  readonly versions: readonly string[]
  readonly versionRevisions?: Readonly<Record<string, string>>
  readonly expectedStatus?: string
}

/** The versions that a batch operation names, as they would be stored. */
export function versionsOf(
  registry: RegistryParts,
  address: PackageAddress,
  { versions, versionRevisions, expectedStatus }: BatchInput,
): VersionsChange {
  const stored = (version: string) => versionFromInput(registry, address.package.format, version)
  const revisions = Object.entries(versionRevisions ?? {}).map(
    ([version, revision]) => [stored(version), revision] as const,
  )
  return {
    address,
    versions: versions.map(stored),
    revisions: versionRevisions === undefined ? undefined : new Map(revisions),
    expectedStatus,
  }
}
