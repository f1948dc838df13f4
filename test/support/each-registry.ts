import { type TestContext, test } from 'node:test'
import { openRegistry, type RegistryOptions, type TestRegistry } from './registry.ts'
import { withPostgres } from './setups.ts'

export type OpenRegistry = (options?: Omit<RegistryOptions, 'databaseUrl'>) => Promise<TestRegistry>

/** One test on SQLite, one on PostgreSQL; each registry that it opens stands on the same kind. */
export function testOnEachDatabase(title: string, body: (t: TestContext, open: OpenRegistry) => Promise<void>): void {
  test(`${title} (SQLite)`, (t) => body(t, (options = {}) => openRegistry(t, options)))
  test(`${title} (PostgreSQL)`, (t) =>
    withPostgres(t, (databaseUrl) => body(t, (options = {}) => openRegistry(t, { ...options, databaseUrl }))))
}
