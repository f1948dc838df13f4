import assert from 'node:assert/strict'

/** Longest name of a scope. Unit: UTF-16 units. So that one always fits into a notification. */
const SCOPE_LENGTH_MAX = 1_000

/** The scopes that one transaction says have changed, each once. */
export class TouchedScopes {
  readonly #scopes = new Set<string>()

  readonly touch = (scope: string): void => {
    assert.ok(scope.length > 0 && scope.length <= SCOPE_LENGTH_MAX, `scope of ${scope.length} characters`)
    this.#scopes.add(scope)
  }

  get list(): string[] {
    return [...this.#scopes]
  }
}
