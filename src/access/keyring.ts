import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'
import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'

/** Unit: bytes. AES-256 and HMAC-SHA-256 both take 32. */
const KEY_BYTES = 32
/** First byte of everything sealed, so that a later form can stand beside this one. */
const SEAL_VERSION = 1
/** Unit: bytes. Source: NIST SP 800-38D, 8.2: a random nonce of 96 bits. */
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** The installation's master key, and what is made from it. */
export interface Keyring {
  /** Encrypts and authenticates. `purpose` must be given again to open it, so that no secret stands for another. */
  seal(secret: Uint8Array, purpose: string): Buffer
  /** Throws `KeyringError` when `sealed` was changed, or was sealed with another key or for another purpose. */
  open(sealed: Uint8Array, purpose: string): Buffer
  /** A key of 32 bytes for one purpose; the same in every process of the installation. */
  derive(purpose: string): Buffer
}

/** The master key cannot be used, or something was not sealed with it. */
export class KeyringError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'KeyringError'
  }
}

/** Gives that many bytes nobody can guess. */
export type RandomBytes = (count: number) => Buffer

/**
 * Reads `<directory>/master.key`, and makes it on the first run; processes that start together end with the same one.
 * Throws `KeyringError` when anybody but the owner may read it.
 */
export async function openKeyring(directory: string, randomBytes: RandomBytes): Promise<Keyring> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, 'master.key')
  const key = (await readKeyFile(path)) ?? (await createKeyFile(path, randomBytes))
  return createKeyring(key, randomBytes)
}

export function createKeyring(masterKey: Buffer, randomBytes: RandomBytes): Keyring {
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', masterKey, '', `packyard ${purpose}`, KEY_BYTES))
  const sealingKey = derive('seal')
  return {
    derive,
    seal(secret, purpose) {
      const header = Buffer.concat([Buffer.of(SEAL_VERSION), randomBytes(NONCE_BYTES)])
      const cipher = createCipheriv('aes-256-gcm', sealingKey, header.subarray(1))
      cipher.setAAD(associated(purpose))
      return Buffer.concat([header, cipher.update(secret), cipher.final(), cipher.getAuthTag()])
    },
    open(sealed, purpose) {
      try {
        return unseal(sealingKey, Buffer.from(sealed), purpose)
      } catch (cause) {
        throw new KeyringError(`cannot open the sealed ${purpose}: it is damaged, or the master key is another`, cause)
      }
    },
  }
}

function unseal(key: Buffer, sealed: Buffer, purpose: string): Buffer {
  const textStart = 1 + NONCE_BYTES
  const tagStart = sealed.length - TAG_BYTES
  if (sealed[0] !== SEAL_VERSION || tagStart < textStart) throw new KeyringError('not of a form known here')
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, textStart), { authTagLength: TAG_BYTES })
  decipher.setAAD(associated(purpose))
  decipher.setAuthTag(sealed.subarray(tagStart))
  return Buffer.concat([decipher.update(sealed.subarray(textStart, tagStart)), decipher.final()])
}

function associated(purpose: string): Buffer {
  return Buffer.concat([Buffer.of(SEAL_VERSION), Buffer.from(purpose)])
}

/** Undefined when there is no such file. Throws `KeyringError` when others may read it, or it holds no key. */
export async function readKeyFile(path: string): Promise<Buffer | undefined> {
  try {
    const { mode } = await stat(path)
    checkMode(path, mode)
    const key = await readFile(path)
    if (key.length === KEY_BYTES) return key
    throw new KeyringError(`${path} holds ${key.length} bytes, and must hold ${KEY_BYTES}: restore it from a backup`)
  } catch (cause) {
    if (isFileError(cause, 'ENOENT')) return undefined
    throw cause
  }
}

/** Windows has no such bits; there the folder's owner decides. */
function checkMode(path: string, mode: number): void {
  if (process.platform === 'win32' || (mode & 0o077) === 0) return
  const octal = (mode & 0o777).toString(8).padStart(4, '0')
  throw new KeyringError(`${path} has mode ${octal}, so others than its owner can read it: run chmod 600 on it`)
}

/** Written under another name and linked, so that the file is whole from its first moment and the first writer wins. */
export async function createKeyFile(path: string, randomBytes: RandomBytes): Promise<Buffer> {
  const temporary = `${path}.${randomBytes(8).toString('hex')}`
  await writeDurably(temporary, randomBytes(KEY_BYTES))
  try {
    await link(temporary, path)
    await syncDirectory(join(path, '..'))
  } catch (cause) {
    if (!isFileError(cause, 'EEXIST')) throw cause
  } finally {
    await unlink(temporary)
  }
  const key = await readKeyFile(path)
  if (key) return key
  throw new KeyringError(`${path} has gone away while it was being made`)
}

async function writeDurably(path: string, bytes: Buffer): Promise<void> {
  await using file = await open(path, 'wx', 0o600)
  await file.writeFile(bytes)
  await file.sync()
}

async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  await using directory = await open(path, 'r')
  await directory.sync()
}

function isFileError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
