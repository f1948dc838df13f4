import type { Lifetime } from '../test/support/upstream.ts'

/** Runs what was registered, last first, also when a part of the run has failed. */
export class Ending implements Lifetime {
  readonly #ends: (() => unknown)[] = []

  after(end: () => unknown): void {
    this.#ends.push(end)
  }

  async run(): Promise<void> {
    for (const end of this.#ends.reverse()) await end()
  }
}
