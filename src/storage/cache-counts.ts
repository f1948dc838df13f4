/** How often a cache had what was asked for. Counted up where it happens, read by whoever watches. */
export interface CacheCounts {
  hits: number
  misses: number
}

export function newCacheCounts(): CacheCounts {
  return { hits: 0, misses: 0 }
}
