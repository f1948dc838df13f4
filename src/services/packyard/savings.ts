import { LRUCache } from 'lru-cache'
import type { DomainAddress } from '../../registry/addresses.ts'
import { describeDomain } from '../../registry/domains.ts'
import { countHeldBytes } from '../../registry/held-bytes.ts'
import type { RegistryParts } from '../../registry/parts.ts'

/** How long a count is shown: it reads every version of the domain. Unit: ms. Ours. */
const COUNT_TTL_MS = 600_000
/** Domains whose counts are remembered. Ours. */
const COUNTS_MAX = 100

export interface Saving {
  readonly heldBytes: number
  readonly storedBytes: number
  /** Unit: ms since 1970. */
  readonly countedAt: number
}

export interface Savings {
  /** Throws `missing`. */
  of(address: DomainAddress): Promise<Saving>
}

/** One count of a domain at a time, however many ask. */
export function createSavings(registry: RegistryParts): Savings {
  const counts = new LRUCache<string, Promise<Saving>>({ max: COUNTS_MAX })
  const standing = async (key: string) => {
    const known = await counts.get(key)
    return known && registry.clock() - known.countedAt < COUNT_TTL_MS ? known : undefined
  }
  return {
    async of(address) {
      const { assetSizeBytes: storedBytes } = await describeDomain(registry, address)
      const key = `${address.owner}/${address.domain}`
      const known = await standing(key)
      if (known) return { ...known, storedBytes }
      const counting = countHeldBytes(registry, address).then((heldBytes) => {
        return { heldBytes, storedBytes, countedAt: registry.clock() }
      })
      counts.set(key, counting)
      counting.catch(() => counts.delete(key))
      return counting
    },
  }
}
