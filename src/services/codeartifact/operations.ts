import { domainOperations } from './domain-operations.ts'
import type { Operation } from './operation.ts'
import { packageGroupOperations } from './package-group-operations.ts'
import { packageOperations } from './package-operations.ts'
import { policyOperations } from './policy-operations.ts'
import { publishOperations } from './publish-operation.ts'
import { repositoryOperations } from './repository-operations.ts'
import { tagOperations } from './tag-operations.ts'
import { versionOperations } from './version-operations.ts'

/**
 * CodeArtifact's 48 operations, by what they are about. A row routes, decodes, authorizes and documents; its IAM action
 * is its name. A test holds the table against the commands of the official client.
 */
export const operations = {
  ...domainOperations,
  ...repositoryOperations,
  ...packageOperations,
  ...versionOperations,
  ...publishOperations,
  ...packageGroupOperations,
  ...policyOperations,
  ...tagOperations,
} satisfies Readonly<Record<string, Operation>>
