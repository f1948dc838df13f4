import { RegistryError } from '../../registry/errors.ts'
import type { PackageName } from '../../registry/names.ts'
import type { RepositorySession } from '../../registry/session.ts'
import { isSameVersion } from './versions.ts'

/** How the version that this one means is spelt here; as it came where there is none. */
export async function spellingOf(session: RepositorySession, name: PackageName, version: string): Promise<string> {
  const { versions } = await session.view(name)
  if (versions.some((candidate) => candidate.version === version)) return version
  return versions.find((candidate) => isSameVersion(candidate.version, version))?.version ?? version
}

export function missingVersion(name: PackageName, version: string): RegistryError {
  const message = `version ${version.slice(0, 100)} of ${name.name} is not held by this repository`
  return new RegistryError('missing', message, { resourceType: 'package-version', resourceId: name.name })
}
