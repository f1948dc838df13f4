import type * as sdk from '@aws-sdk/client-codeartifact'
import { domainOperations } from './domain-operations.ts'
import type { Operation } from './operation.ts'
import { packageGroupOperations } from './package-group-operations.ts'
import { packageOperations } from './package-operations.ts'
import { policyOperations } from './policy-operations.ts'
import { repositoryOperations } from './repository-operations.ts'
import { tagOperations } from './tag-operations.ts'
import { versionOperations } from './version-operations.ts'

/** Every operation that the official client has a command for. */
type OperationName = Exclude<NameOfCommand<keyof typeof sdk>, '$'>
type NameOfCommand<Export> = Export extends `${infer Name}Command` ? Name : never

/**
 * CodeArtifact's 48 operations, by what they are about. A row routes, decodes, authorizes and documents; its IAM action
 * is its name. The compiler refuses a table with a row missing, or one too many.
 */
export const operations = {
  ...domainOperations,
  ...repositoryOperations,
  ...packageOperations,
  ...versionOperations,
  ...packageGroupOperations,
  ...policyOperations,
  ...tagOperations,
} satisfies Record<OperationName, Operation>
