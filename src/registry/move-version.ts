import type { Caller } from '../access/principal.ts'
import { type PackageAddress, resourceIdOf } from './addresses.ts'
import { RegistryError } from './errors.ts'
import { versionMissing } from './missing.ts'
import type { RegistryParts } from './parts.ts'
import type { StatusMove } from './session.ts'
import { updateVersionsStatus } from './version-changes.ts'

/**
 * Moves one version of one repository. What has been moved already stays as it is, so that a retry succeeds. Throws
 * `missing`, and `conflict` when its status is another.
 */
export async function moveVersion(
  parts: RegistryParts,
  caller: Caller,
  address: PackageAddress,
  version: string,
  { from, to }: StatusMove,
): Promise<void> {
  const move = { address, versions: [version], target: to }
  const { failed } = await updateVersionsStatus(parts, caller, { ...move, expectedStatus: from })
  const failure = failed.get(version)
  if (!failure) return
  if (failure.code === 'NOT_FOUND') throw versionMissing({ ...address, version })
  const again = await updateVersionsStatus(parts, caller, { ...move, expectedStatus: to })
  if (again.failed.size === 0) return
  const resourceId = resourceIdOf({ ...address, version })
  throw new RegistryError('conflict', `version ${version} cannot be moved to ${to}: ${failure.message}`, {
    resourceType: 'package-version',
    resourceId,
  })
}
