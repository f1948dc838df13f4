import type { Write } from '../storage/metadata/metadata.ts'
import { packageScope, packagesScope } from '../storage/metadata/scopes.ts'
import { type PackageName, packageKey } from './names.ts'

/** Says that a package has changed: to who remembers it, and to who remembers all of its format. */
export function touchPackage(write: Write, domainId: string, name: PackageName): void {
  write.touch(packageScope(domainId, packageKey(name)))
  write.touch(packagesScope(domainId, name.format))
}
