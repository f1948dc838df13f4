import { LRUCache } from 'lru-cache'
import type { Metadata } from '../storage/metadata/metadata.ts'

/** When, and for what, an access key signed. */
interface KeyUse {
  /** ms since 1970. */
  readonly usedAt: number
  readonly service: string
  readonly region: string
}

/** What `GetAccessKeyLastUsed` tells. */
export interface KeyUses {
  /** Costs next to nothing: most uses of a key are not written. */
  note(accessKeyId: string, place: Omit<KeyUse, 'usedAt'>): void
  /** Writes what has been noted. */
  flush(): Promise<void>
}

export interface KeyUsesParts {
  readonly metadata: Metadata
  /** Unit: ms since 1970. */
  readonly clock: () => number
  /** Told when uses could not be written; they are lost then, and the next ones are tried. */
  readonly onError: (error: unknown) => void
}

/** A key's uses within this time of the one that was noted are not. Unit: ms. Ours; the service itself lags more. */
const NOTED_EVERY_MS = 60_000
/** How long uses are gathered before they are written together. Unit: ms. Ours. */
const GATHERED_MS = 5_000
/** Keys remembered; some hundred bytes each. Ours. */
const ENTRIES_MAX = 5_000

export function createKeyUses({ metadata, clock, onError }: KeyUsesParts): KeyUses {
  const noted = new LRUCache<string, number>({ max: ENTRIES_MAX })
  let gathered = new Map<string, KeyUse>()
  const flush = async () => {
    const uses = gathered
    gathered = new Map()
    if (uses.size > 0) await writeUses(metadata, uses).catch(onError)
  }
  return {
    note(accessKeyId, place) {
      const usedAt = clock()
      if (usedAt - (noted.get(accessKeyId) ?? 0) < NOTED_EVERY_MS) return
      noted.set(accessKeyId, usedAt)
      if (gathered.size === 0) setTimeout(() => void flush(), GATHERED_MS).unref()
      gathered.set(accessKeyId, { ...place, usedAt })
    },
    flush,
  }
}

/** Touches no scope: nobody remembers when a key was used, and identities stay remembered. */
function writeUses(metadata: Metadata, uses: ReadonlyMap<string, KeyUse>): Promise<void> {
  return metadata.write(async ({ tx }) => {
    for (const [accessKeyId, { usedAt, service, region }] of uses) {
      await tx
        .updateTable('access_keys')
        .set({ last_used_at: usedAt, last_used_service: service, last_used_region: region })
        .where('access_key_id', '=', accessKeyId)
        .where((row) => row.or([row('last_used_at', 'is', null), row('last_used_at', '<', usedAt)]))
        .execute()
    }
  })
}
