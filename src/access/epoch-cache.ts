import { LRUCache } from 'lru-cache'
import type { Epochs } from '../storage/metadata/metadata.ts'

/** Remembers what was read under one scope, for as long as nothing under that scope has changed in any process. */
export interface EpochCache<Value extends object> {
  /** At once when it is known; else by `load`. What does not exist is not remembered. */
  find(key: string, load: () => Promise<Value | undefined>): Value | Promise<Value | undefined>
}

export function createEpochCache<Value extends object>(
  epochs: Epochs,
  scope: string,
  entriesMax: number,
): EpochCache<Value> {
  const slot = epochs.slotOf(scope)
  const entries = new LRUCache<string, { readonly epoch: number; readonly value: Value }>({ max: entriesMax })
  // The epoch is read before the database is, so that a change in between makes the entry old, never wrong.
  const read = async (key: string, epoch: number, load: () => Promise<Value | undefined>) => {
    const value = await load()
    if (value !== undefined) entries.set(key, { epoch, value })
    return value
  }
  return {
    find(key, load) {
      epochs.refresh()
      const epoch = epochs.at(slot)
      const entry = entries.get(key)
      return entry?.epoch === epoch ? entry.value : read(key, epoch, load)
    },
  }
}
