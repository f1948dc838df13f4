import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { KeyContext, KeyWrapping, WrappedKey } from '../storage/blobs/key-wrapping.ts'
import { createKeyFile, createKeyring, type Keyring, KeyringError, type RandomBytes, readKeyFile } from './keyring.ts'

/** `keyring:1` is made from the master key; every later one has a file of its own. */
const FIRST = 1
const wrappedByForm = /^keyring:([1-9][0-9]{0,8})$/
const fileForm = /^wrapping-([1-9][0-9]{0,8})\.key$/

export interface WrappingKeys extends KeyWrapping {
  /** Makes another wrapping key, which is the newest from then on. Resolves to its file. */
  add(): Promise<string>
}

export interface WrappingKeysParts {
  /** Where the master key is. */
  readonly directory: string
  readonly keyring: Keyring
  readonly randomBytes: RandomBytes
}

/** Wraps keys by those of the keyring. Throws `KeyringError` when one is missing, or others may read it. */
export function createWrappingKeys({ directory, keyring, randomBytes }: WrappingKeysParts): WrappingKeys {
  const fileOf = (number: number) => join(directory, `wrapping-${number}.key`)
  const keyOf = async (number: number): Promise<Keyring> => {
    if (number === FIRST) return keyring
    const key = await readKeyFile(fileOf(number))
    if (key) return createKeyring(key, randomBytes)
    throw new KeyringError(`${fileOf(number)} is missing: copy it from where keys were rotated, or from a backup`)
  }
  return {
    async wrap(secret, context) {
      const number = await newestOf(directory)
      const wrapped = (await keyOf(number)).seal(secret, purposeOf(context))
      return { wrapped, wrappedBy: `keyring:${number}` }
    },
    async unwrap({ wrapped, wrappedBy }: WrappedKey, context) {
      const [, number] = wrappedByForm.exec(wrappedBy) ?? []
      if (number === undefined) throw new KeyringError(`the keyring holds no key by the name of ${wrappedBy}`)
      return (await keyOf(Number(number))).open(wrapped, purposeOf(context))
    },
    async add() {
      const file = fileOf((await newestOf(directory)) + 1)
      await createKeyFile(file, randomBytes)
      return file
    },
  }
}

/** Looked up each time, as another process may have added one; keys are wrapped seldom. */
async function newestOf(directory: string): Promise<number> {
  const numbers = (await readdir(directory)).map((name) => Number(fileForm.exec(name)?.[1] ?? 0))
  return Math.max(FIRST, ...numbers)
}

function purposeOf({ domainId, version }: KeyContext): string {
  return `key ${version} of domain ${domainId}`
}
