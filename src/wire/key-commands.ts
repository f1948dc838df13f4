import { CommandError, exitCodes } from '../cli/exit-codes.ts'
import type { KeyCommands } from '../cli/keys-program.ts'
import type { GivenFlags } from '../cli/program.ts'
import type { Config } from '../config.ts'
import { memoryLocks } from '../storage/locks/memory.ts'
import { type OpenedRegistry, openRegistry } from './registry.ts'

export interface KeyCommandParts {
  loadConfig(flags: GivenFlags): Promise<Config>
  readonly writeOut: (text: string) => void
}

/** They work on the installation itself, beside servers that may be running. */
export function createKeyCommands({ loadConfig, writeOut }: KeyCommandParts): KeyCommands {
  const withKeys = async <T>(flags: GivenFlags, work: (keys: OpenedRegistry['keys']) => Promise<T>): Promise<T> => {
    const opened = await openRegistry(await loadConfig(flags), memoryLocks())
    try {
      return await work(opened.keys)
    } finally {
      await opened.close()
    }
  }
  const show = (figures: object, text: string, form: 'text' | 'json') =>
    writeOut(form === 'json' ? `${JSON.stringify(figures, undefined, 2)}\n` : `${text}\n`)
  return {
    async rotateKeys(flags, form) {
      const figures = await withKeys(flags, rotate)
      const { file, rewrappedKeys, renewedDomains } = figures
      const by = file === undefined ? 'the key service' : file
      show(figures, `${rewrappedKeys} keys wrapped by ${by}; ${renewedDomains} domains have a new one`, form)
      return exitCodes.success
    },
    async encryptBlobs(flags, form) {
      const figures = await withKeys(flags, encrypt)
      const { encryptedBlobs, damagedBlobs } = figures
      show(figures, `${encryptedBlobs} blobs encrypted; ${damagedBlobs} left as they are, as they are damaged`, form)
      return damagedBlobs === 0 ? exitCodes.success : exitCodes.failure
    },
  }
}

async function rotate({ keys, wrappingKeys }: OpenedRegistry['keys']) {
  const file = await wrappingKeys?.add()
  const rewrappedKeys = await keys.rewrap()
  const domains = await keys.domains()
  for (const domainId of domains) await keys.renew(domainId)
  return { file, rewrappedKeys, renewedDomains: domains.length }
}

async function encrypt({ encryptPlain }: OpenedRegistry['keys']) {
  if (encryptPlain === undefined)
    throw new CommandError('the settings say that blobs are not encrypted: see encryption')
  const counts = { encrypted: 0, damaged: 0 }
  for await (const { outcome } of encryptPlain()) counts[outcome] += 1
  return { encryptedBlobs: counts.encrypted, damagedBlobs: counts.damaged }
}
