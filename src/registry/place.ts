import type { PackageAddress } from './addresses.ts'
import type { PackageName } from './names.ts'
import type { Place } from './resolve.ts'

/** How errors name a package that was asked for here. */
export function addressOf({ topology, node }: Pick<Place, 'topology' | 'node'>, name: PackageName): PackageAddress {
  const { owner, name: domain } = topology.domain
  return { owner, domain, repository: node.repository.name, package: name }
}
