import { RegistryError } from './errors.ts'
import type { DomainRow } from './lookup.ts'
import type { Domain } from './model.ts'

/** Every read and write of what a domain holds asks this first. Throws `invalid` with ENCRYPTION_KEY_ERROR. */
export function checkDomainKey(domain: Pick<Domain, 'name' | 'encryptionKey' | 'isKeyUsable'>): void {
  if (domain.isKeyUsable) return
  throw new RegistryError(
    'invalid',
    `Domain '${domain.name}' cannot be read or written: its encryption key ${domain.encryptionKey} is disabled or deleted`,
    { reason: 'ENCRYPTION_KEY_ERROR', resourceType: 'domain', resourceId: domain.name },
  )
}

/** The same, of a row. */
export function checkDomainRowKey({ name, encryption_key, is_key_usable }: DomainRow): void {
  const domain = { name: name as Domain['name'], encryptionKey: encryption_key, isKeyUsable: is_key_usable === 1 }
  checkDomainKey(domain)
}
