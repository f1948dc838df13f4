import { invalid, RegistryError } from '../../registry/errors.ts'
import { parseAccountId, parseDomainName, parseRepositoryName } from '../../registry/names.ts'
import type { TaggedAddress } from '../../registry/resource-tags.ts'
import type { TargetScope } from './operation.ts'
import type { Target } from './targets.ts'

const RULE = 'must be the ARN of a domain, a repository or a package group'

/**
 * What an ARN names, by its own account field. The ARN is compared as it was sent: its `%2a` is part of the name.
 * Throws `invalid` when it is no such ARN, and `missing` when it names another region.
 */
export function taggedTarget(
  { resourceArn }: { readonly resourceArn: string },
  { registry }: TargetScope,
): Target<TaggedAddress> {
  const [prefix, partition, service, region, account = '', ...rest] = resourceArn.split(':')
  const path = rest.join(':').split('/')
  const address = service === 'codeartifact' && prefix === 'arn' ? parsePath(account, path) : undefined
  if (!address) throw invalid('resourceArn', resourceArn, RULE)
  if (partition !== registry.arns.partition || region !== registry.arns.region) throw elsewhere(resourceArn)
  return { address, resource: resourceArn }
}

function parsePath(account: string, [kind, domain, repository, ...rest]: string[]): TaggedAddress | undefined {
  if (domain === undefined) return undefined
  const field = 'resourceArn'
  const owned = { owner: parseAccountId(account, field), domain: parseDomainName(domain, field) }
  if (kind === 'package-group' && repository !== undefined) {
    return { ...owned, pattern: `/${[repository, ...rest].map(decode).join('/')}` }
  }
  if (rest.length > 0) return undefined
  if (kind === 'domain' && repository === undefined) return owned
  if (kind !== 'repository' || repository === undefined) return undefined
  return { ...owned, repository: parseRepositoryName(repository, field) }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function elsewhere(resourceArn: string): RegistryError {
  return new RegistryError('missing', `Resource not found. '${resourceArn}' does not exist in this region.`)
}
