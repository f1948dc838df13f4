import { type CacheCounts, newCacheCounts } from '../storage/cache-counts.ts'

/** What this process has counted since it started. */
export interface RegistryCounts {
  /** Rendered indexes. */
  readonly index: CacheCounts
  /** Where assets are. */
  readonly asset: CacheCounts
  /** What a repository sees of a package. */
  readonly view: CacheCounts
  /** What external connections said of packages. */
  readonly upstream: CacheCounts
  /** By format. */
  readonly published: Map<string, number>
  readonly fetched: Map<string, number>
}

export function newRegistryCounts(): RegistryCounts {
  return {
    index: newCacheCounts(),
    asset: newCacheCounts(),
    view: newCacheCounts(),
    upstream: newCacheCounts(),
    published: new Map(),
    fetched: new Map(),
  }
}

export function countOne(counts: Map<string, number>, format: string): void {
  counts.set(format, (counts.get(format) ?? 0) + 1)
}
