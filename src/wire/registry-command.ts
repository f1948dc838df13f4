import type { GivenFlags } from '../cli/program.ts'
import type { Config } from '../config.ts'
import { memoryLocks } from '../storage/locks/memory.ts'
import { type OpenedRegistry, openRegistry } from './registry.ts'

/** What commands need that work on the installation itself. */
export interface CommandParts {
  loadConfig(flags: GivenFlags): Promise<Config>
  readonly writeOut: (text: string) => void
  readonly writeError: (text: string) => void
}

/** Opens the registry for one command. */
export async function withRegistry<T>(
  { loadConfig }: CommandParts,
  flags: GivenFlags,
  work: (opened: OpenedRegistry) => Promise<T>,
): Promise<T> {
  const opened = await openRegistry(await loadConfig(flags), memoryLocks())
  try {
    return await work(opened)
  } finally {
    await opened.close()
  }
}
