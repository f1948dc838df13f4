import { createSecretKey, randomBytes } from 'node:crypto'

import { type DomainKeys, DomainKeyMissingError } from './domain-keys.ts'

/** A key for each domain, as long as the test runs. */
export function memoryKeys(): DomainKeys {
  const keys = new Map<string, Buffer>()
  return {
    newest: async (domainId) => {
      const bytes = keys.get(domainId) ?? randomBytes(32)
      keys.set(domainId, bytes)
      return { domainId, version: 1, key: createSecretKey(bytes) }
    },
    find: async (domainId, version) => {
      const bytes = keys.get(domainId)
      if (bytes === undefined || version !== 1) throw new DomainKeyMissingError(domainId, version)
      return { domainId, version, key: createSecretKey(bytes) }
    },
  }
}
