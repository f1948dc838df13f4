import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CommandError } from '../cli/exit-codes.ts'
import type { Config } from '../config.ts'
import { BUNDLE_KEY_BYTES } from '../storage/bundle/sealed-stream.ts'

const BACKUP_KEY = 'backup.key'

/**
 * The key of the backups. `make` makes one where there is none. Throws `CommandError` when others than its owner can read
 * it, or it is none.
 */
export async function readBackupKey(config: Config, given: string | undefined, none: 'make' | 'fail'): Promise<Buffer> {
  const file = given ?? join(config.dataDir, 'keys', BACKUP_KEY)
  if (!(await exists(file))) {
    if (none === 'fail') throw new CommandError(`there is no key at ${file}: say where it is with --key-file`)
    await makeKey(file)
  }
  const { mode } = await stat(file)
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new CommandError(`others than its owner can read ${file}: run chmod 600 on it`)
  }
  const key = Buffer.from((await readFile(file, 'utf8')).trim(), 'hex')
  if (key.length === BUNDLE_KEY_BYTES) return key
  throw new CommandError(`${file} is no key: it must hold ${BUNDLE_KEY_BYTES * 2} hexadecimal digits`)
}

async function makeKey(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await using opened = await open(file, 'wx', 0o600)
  await opened.writeFile(`${randomBytes(BUNDLE_KEY_BYTES).toString('hex')}\n`)
  await opened.sync()
}

/** What stands beside database and blobs: keys, certificates, first credentials. Not the key that encrypts them. */
export async function readInstallationFiles({ dataDir }: Config): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>()
  for (const folder of ['.', 'keys']) {
    for (const entry of await readdir(join(dataDir, folder), { withFileTypes: true })) {
      const name = folder === '.' ? entry.name : `${folder}/${entry.name}`
      if (entry.isFile() && isKept(name)) files.set(name, await readFile(join(dataDir, name)))
    }
  }
  return files
}

function isKept(name: string): boolean {
  return !/^packyard\.db|\.lock(-journal)?$/.test(name) && name !== `keys/${BACKUP_KEY}`
}

/** Throws `CommandError` when one is there already and is another one. */
export async function writeInstallationFiles({ dataDir }: Config, files: ReadonlyMap<string, Buffer>): Promise<void> {
  for (const [name, bytes] of files) {
    const file = join(dataDir, name)
    if ((await exists(file)) && !(await readFile(file)).equals(bytes)) {
      throw new CommandError(`${file} is there already, of another installation: restore into another data folder`)
    }
  }
  for (const [name, bytes] of files) {
    const file = join(dataDir, name)
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    if (!(await exists(file))) await writeFile(file, bytes, { mode: 0o600, flush: true })
  }
}

export async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}
