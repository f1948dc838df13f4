import { packageGroupArn } from '../../access/arns.ts'
import { epochSeconds } from '../../aws/rest-json.ts'
import type { DomainAddress } from '../../registry/addresses.ts'
import type { AllowedRepository } from '../../registry/group-configuration.ts'
import type { AssociatedPackage } from '../../registry/group-packages.ts'
import {
  effectiveSetting,
  type GroupRestriction,
  groupRestrictions,
  type PackageGroup,
  type PlacedGroup,
} from '../../registry/group-settings.ts'
import type { RegistryParts } from '../../registry/parts.ts'
import { coordinates } from './responses.ts'

type Arns = RegistryParts['arns']

/** Lists and descriptions have the same members. */
export function packageGroupDescription(arns: Arns, address: DomainAddress, placed: PlacedGroup) {
  const reference = (other: PackageGroup) => groupReference(arns, address, other)
  const { group } = placed
  const [parent] = placed.above
  const restrictions = groupRestrictions.map((restriction) => {
    const { mode, source, repositoryIds } = effectiveSetting(placed, restriction)
    const setting = {
      mode: group.settings[restriction].mode,
      effectiveMode: mode,
      inheritedFrom: source === group ? undefined : reference(source),
      repositoriesCount: repositoryIds.size,
    }
    return [restriction, setting] as const
  })
  return {
    ...reference(group),
    domainName: address.domain,
    domainOwner: address.owner,
    createdTime: epochSeconds(group.createdAt),
    contactInfo: group.contactInfo === '' ? undefined : group.contactInfo,
    description: group.description === '' ? undefined : group.description,
    originConfiguration: { restrictions: Object.fromEntries(restrictions) },
    parent: parent && reference(parent),
  }
}

function groupReference(arns: Arns, { owner, domain }: DomainAddress, { pattern }: PackageGroup) {
  return { arn: packageGroupArn(arns, { owner, name: domain }, pattern.text), pattern: pattern.text }
}

/** By restriction, and under it only the kinds of change that there were. */
export function allowedRepositoryUpdates(change: {
  readonly added: readonly AllowedRepository[]
  readonly removed: readonly AllowedRepository[]
}) {
  const namesOf = (changed: readonly AllowedRepository[], restriction: GroupRestriction) =>
    changed.filter((allowed) => allowed.restriction === restriction).map((allowed) => allowed.repository)
  const updates = groupRestrictions.map((restriction) => {
    const kinds = [
      ['ADDED', namesOf(change.added, restriction)],
      ['REMOVED', namesOf(change.removed, restriction)],
    ] as const
    return [restriction, Object.fromEntries(kinds.filter(([, names]) => names.length > 0))] as const
  })
  return Object.fromEntries(updates.filter(([, kinds]) => Object.keys(kinds).length > 0))
}

export function associatedPackage({ name, strength }: AssociatedPackage) {
  return { ...coordinates(name), associationType: strength }
}
