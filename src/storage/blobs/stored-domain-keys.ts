import { createSecretKey } from 'node:crypto'

import { LRUCache } from 'lru-cache'

import type { Metadata } from '../metadata/metadata.ts'
import { domainKeyScope } from '../metadata/scopes.ts'
import { isUniqueViolation } from '../metadata/unique-violation.ts'
import { type DomainKey, DomainKeyMissingError, type DomainKeys } from './domain-keys.ts'
import type { KeyWrapping } from './key-wrapping.ts'
import { KEY_BYTES } from './sealed-format.ts'

/** Keys kept unwrapped in memory. Unit: entries. Ours. */
const KEPT_KEYS_MAX = 1_000
/** Rows looked at per statement. Ours. */
const PAGE = 200

export interface StoredDomainKeysParts {
  readonly metadata: Metadata
  readonly wrapping: KeyWrapping
  readonly randomBytes: (count: number) => Buffer
  /** Unit: ms since 1970. */
  readonly clock: () => number
}

/** Keys of domains, wrapped, in the database. */
export class StoredDomainKeys implements DomainKeys {
  readonly #parts: StoredDomainKeysParts
  readonly #kept = new LRUCache<string, Promise<DomainKey>>({ max: KEPT_KEYS_MAX })
  readonly #newest = new LRUCache<string, { readonly epoch: number; readonly version: number }>({ max: KEPT_KEYS_MAX })

  constructor(parts: StoredDomainKeysParts) {
    this.#parts = parts
  }

  async newest(domainId: string): Promise<DomainKey> {
    const epoch = this.#parts.metadata.epochs.of(domainKeyScope(domainId))
    const known = this.#newest.get(domainId)
    if (known?.epoch === epoch) return this.find(domainId, known.version)
    const version = (await this.#lastVersion(domainId)) ?? (await this.#insert(domainId, 1))
    this.#newest.set(domainId, { epoch, version })
    return this.find(domainId, version)
  }

  async find(domainId: string, version: number): Promise<DomainKey> {
    const name = `${domainId} ${version}`
    const kept = this.#kept.get(name) ?? this.#read(domainId, version)
    this.#kept.set(name, kept)
    // A key service that did not answer may do so later.
    kept.catch(() => this.#kept.delete(name))
    return kept
  }

  /** New blobs of the domain are encrypted under a new key from now on; the others stay as they are. */
  async renew(domainId: string): Promise<void> {
    await this.#insert(domainId, ((await this.#lastVersion(domainId)) ?? 0) + 1)
  }

  /** Every domain that has a key. */
  async domains(): Promise<string[]> {
    const rows = await this.#parts.metadata.db.selectFrom('domain_keys').select('domain_id').distinct().execute()
    return rows.map((row) => row.domain_id)
  }

  /** Wraps every key anew, by the newest wrapping key. No blob is touched. Resolves to how many there were. */
  async rewrap(): Promise<number> {
    const { db } = this.#parts.metadata
    let count = 0
    for (let after = { domain_id: '', version: 0 }; ; ) {
      const rows = await db
        .selectFrom('domain_keys')
        .selectAll()
        .where((eb) => eb(eb.refTuple('domain_id', 'version'), '>', eb.tuple(after.domain_id, after.version)))
        .orderBy('domain_id')
        .orderBy('version')
        .limit(PAGE)
        .execute()
      for (const row of rows) await this.#rewrapOne({ domainId: row.domain_id, version: row.version }, row)
      count += rows.length
      const last = rows.at(-1)
      if (last === undefined || rows.length < PAGE) return count
      after = last
    }
  }

  async #rewrapOne(
    context: { readonly domainId: string; readonly version: number },
    row: { readonly wrapped: Uint8Array; readonly wrapped_by: string },
  ): Promise<void> {
    const { metadata, wrapping } = this.#parts
    const secret = await wrapping.unwrap({ wrapped: row.wrapped, wrappedBy: row.wrapped_by }, context)
    const { wrapped, wrappedBy } = await wrapping.wrap(secret, context)
    await metadata.write(async ({ tx }) => {
      await tx
        .updateTable('domain_keys')
        .set({ wrapped, wrapped_by: wrappedBy })
        .where('domain_id', '=', context.domainId)
        .where('version', '=', context.version)
        .execute()
    })
  }

  async #lastVersion(domainId: string): Promise<number | undefined> {
    const keys = this.#parts.metadata.db.selectFrom('domain_keys').select('version').where('domain_id', '=', domainId)
    return (await keys.orderBy('version', 'desc').limit(1).executeTakeFirst())?.version
  }

  /** Two processes may both want to; the first one's key is everybody's. */
  async #insert(domainId: string, version: number): Promise<number> {
    const { metadata, wrapping, randomBytes, clock } = this.#parts
    const { wrapped, wrappedBy } = await wrapping.wrap(randomBytes(KEY_BYTES), { domainId, version })
    const row = { domain_id: domainId, version, wrapped, wrapped_by: wrappedBy, created_at: clock() }
    try {
      await metadata.write(async (write) => {
        await write.tx.insertInto('domain_keys').values(row).execute()
        write.touch(domainKeyScope(domainId))
      })
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
    }
    return version
  }

  async #read(domainId: string, version: number): Promise<DomainKey> {
    const { metadata, wrapping } = this.#parts
    const keys = metadata.db.selectFrom('domain_keys').selectAll().where('domain_id', '=', domainId)
    const row = await keys.where('version', '=', version).executeTakeFirst()
    if (row === undefined) throw new DomainKeyMissingError(domainId, version)
    const secret = await wrapping.unwrap({ wrapped: row.wrapped, wrappedBy: row.wrapped_by }, { domainId, version })
    return { domainId, version, key: createSecretKey(secret) }
  }
}
