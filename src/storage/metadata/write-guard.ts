import { AsyncLocalStorage } from 'node:async_hooks'

/** Refuses a write inside another, which would wait for itself for ever. */
export class WriteGuard {
  readonly #current = new AsyncLocalStorage<{ isOpen: boolean }>()

  async run<T>(write: () => Promise<T>): Promise<T> {
    if (this.#current.getStore()?.isOpen === true) throw new Error('write called inside the work of another write')
    const state = { isOpen: true }
    try {
      return await this.#current.run(state, write)
    } finally {
      state.isOpen = false
    }
  }
}
