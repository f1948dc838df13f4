import { LRUCache } from 'lru-cache'
import { packageScope } from '../storage/metadata/scopes.ts'
import { makeView } from './make-view.ts'
import { packageMissing } from './missing.ts'
import { type PackageName, packageKey } from './names.ts'
import type { RegistryParts } from './parts.ts'
import { addressOf } from './place.ts'
import { explainBlocks, outageOf, type Place, walk } from './resolve.ts'
import type { UpstreamIndexes } from './upstream-index.ts'
import type { PackageView } from './view.ts'

/**
 * Text that the views kept were made from; they take some times as much. One that took much is made anew: its index is
 * kept rendered. Unit: bytes. Ours.
 */
const VIEWS_BYTES_MAX = 16 * 1024 * 1024
const VIEW_BYTES_MAX = 512 * 1024

/** What an entry costs beside its text. Unit: bytes. */
const ENTRY_BYTES = 1024

/** Views as they are, for answers that are no index; kept for as long as the index cache keeps an index. */
export interface ViewCache {
  /** Throws `missing` when the repository sees no version of the package, `unavailable` when that can't be known. */
  read(place: Place, name: PackageName): Promise<PackageView>
}

interface Entry {
  readonly packageEpoch: number
  readonly topologyEpoch: number
  readonly freshUntil: number
  readonly sizeBytes: number
  /** Without versions where nobody has the package, as far as one may look. */
  readonly view: PackageView
  /** Why more is not seen. */
  readonly explanation: string | undefined
}

export function createViewCache(parts: RegistryParts, indexes: UpstreamIndexes): ViewCache {
  const entries = new LRUCache<string, Entry>({
    maxSize: VIEWS_BYTES_MAX,
    maxEntrySize: VIEW_BYTES_MAX,
    sizeCalculation: ({ sizeBytes }) => ENTRY_BYTES + sizeBytes,
  })
  const counts = parts.counts.view
  return {
    async read(place, name) {
      const { topology, node } = place
      const scopeKey = packageKey(name)
      const key = `${node.id} ${scopeKey}`
      const packageEpoch = parts.metadata.epochs.of(packageScope(topology.domain.id, scopeKey))
      const known = entries.get(key)
      const isSame = known?.packageEpoch === packageEpoch && known.topologyEpoch === topology.epoch
      if (isSame && known.freshUntil > parts.clock()) {
        counts.hits++
        return show(known, place, name)
      }
      counts.misses++
      const path = await walk(parts, indexes, place, name)
      const made = await makeView(parts, path)
      const outage = outageOf(path)
      if (outage && made.view.versions.length === 0) throw outage
      const explanation = explainBlocks(path.blocks, place.format)
      const keys = {
        packageEpoch,
        topologyEpoch: topology.epoch,
        freshUntil: Math.min(path.freshUntil, made.changesAt),
      }
      const { view, sizeBytes } = made
      const entry: Entry = { ...keys, view, sizeBytes, explanation }
      entries.set(key, entry)
      return show(entry, place, name)
    },
  }
}

function show({ view, explanation }: Entry, place: Place, name: PackageName): PackageView {
  if (view.versions.length > 0) return view
  throw packageMissing(addressOf(place, name), explanation)
}
