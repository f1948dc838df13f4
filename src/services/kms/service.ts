import type { Keyring } from '../../access/keyring.ts'
import type { PageTokens } from '../../aws/page-token.ts'
import type { RegistryParts } from '../../registry/parts.ts'
import type { Json11Operation, Json11Service } from '../service.ts'
import { aliasOperations } from './alias-operations.ts'
import { keyOperations } from './key-operations.ts'
import type { KmsOperation } from './operation.ts'
import { policyOperations } from './policy-operations.ts'
import { secretOperations } from './secret-operations.ts'
import { stateOperations } from './state-operations.ts'
import { tagOperations } from './tag-operations.ts'

export interface KmsParts {
  readonly registry: RegistryParts
  readonly pageTokens: PageTokens
  /** By the installation's master key. */
  readonly seals: Pick<Keyring, 'seal' | 'open'>
}

/** By name; a test walks them all. */
export const kmsOperations: Readonly<Record<string, KmsOperation>> = {
  ...keyOperations,
  ...stateOperations,
  ...secretOperations,
  ...aliasOperations,
  ...policyOperations,
  ...tagOperations,
}

/** What of the Key Management Service the keys of domains need. Source of names and codes: KMS service model. */
export function createKmsService(parts: KmsParts): Json11Service {
  const rows = Object.entries(kmsOperations).map(([name, row]) => [name, bind(parts, name, row)] as const)
  return {
    protocol: 'json-1.1',
    name: 'kms',
    targetPrefix: 'TrentService',
    errorCodes: {
      missing: 'NotFoundException',
      conflict: 'AlreadyExistsException',
      invalid: 'ValidationException',
      quota: 'LimitExceededException',
      unsupported: 'UnsupportedOperationException',
      unavailable: 'KMSInternalException',
    },
    operations: Object.fromEntries(rows),
  }
}

function bind(parts: KmsParts, name: string, row: KmsOperation): Json11Operation {
  return { run: (request) => row.run(parts, name, request) }
}
