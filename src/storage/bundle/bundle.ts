import { createHmac, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'

import { BundleDamagedError, seal, unseal } from './sealed-stream.ts'

/** Names a folder as a bundle, and says which key it was made with. Nothing secret is in it. */
const LABEL = 'packyard-backup.json'
const FORM = 1
const MANIFEST = 'manifest'
/** What is being written. */
const UNFINISHED = '.unfinished'

interface Label {
  readonly form: number
  readonly id: string
  readonly keyCheck: string
}

/**
 * A folder of backups of one installation: bytes once, whichever backups need them, and for each backup a folder of its
 * own with everything else.
 *
 *     packyard-backup.json
 *     blobs/<two digits>/<name made from key and SHA-256>
 *     snapshots/<time>/<table>, manifest
 *
 * A snapshot counts when it has its manifest, which is written last.
 */
export class Bundle {
  readonly folder: string
  readonly #key: Buffer

  private constructor(folder: string, key: Buffer) {
    this.folder = folder
    this.#key = key
  }

  /** Throws `BundleDamagedError` when the folder is another thing, or was made with another key. */
  static async open(folder: string, key: Buffer): Promise<Bundle> {
    const text = await readFile(path.join(folder, LABEL), 'utf8').catch((cause: unknown) => {
      throw new BundleDamagedError(`${folder} holds no backup: ${LABEL} cannot be read`, cause)
    })
    const label = parseLabel(text)
    if (label?.form !== FORM) throw new BundleDamagedError(`${LABEL} in ${folder} is not one that this version writes`)
    if (label.keyCheck !== keyCheck(key, label.id)) {
      throw new BundleDamagedError(`the backup in ${folder} was made with another key`)
    }
    return new Bundle(folder, key)
  }

  /** Opens it, or makes one of an empty folder. */
  static async openOrMake(folder: string, key: Buffer): Promise<Bundle> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const names = await readdir(folder)
    if (names.includes(LABEL)) return Bundle.open(folder, key)
    if (names.length > 0) throw new BundleDamagedError(`${folder} is neither empty nor a backup`)
    const id = randomUUID()
    const label: Label = { form: FORM, id, keyCheck: keyCheck(key, id) }
    await writeDurably(folder, path.join(folder, LABEL), [Buffer.from(`${JSON.stringify(label, undefined, 2)}\n`)])
    return new Bundle(folder, key)
  }

  /** Those that are whole, the oldest first. */
  async snapshots(): Promise<readonly string[]> {
    const names = await readdir(path.join(this.folder, 'snapshots')).catch(() => [])
    const found: string[] = []
    for (const name of names) if (await exists(this.#snapshotFile(name, MANIFEST))) found.push(name)
    return found.sort((left, right) => (left < right ? -1 : 1))
  }

  /** What was left behind by a backup that was interrupted. */
  async removeUnfinished(): Promise<void> {
    await rm(path.join(this.folder, UNFINISHED), { recursive: true, force: true })
    const whole = new Set(await this.snapshots())
    const names = await readdir(path.join(this.folder, 'snapshots')).catch(() => [])
    for (const name of names) {
      if (!whole.has(name)) await rm(path.join(this.folder, 'snapshots', name), { recursive: true })
    }
  }

  async writePart(snapshot: string, part: string, source: AsyncIterable<Buffer>): Promise<void> {
    const file = this.#snapshotFile(snapshot, part)
    await writeDurably(this.folder, file, seal(this.#key, `${snapshot}/${part}`, source))
  }

  /** Throws `BundleDamagedError`, at the latest at its end. */
  readPart(snapshot: string, part: string): AsyncIterable<Buffer> {
    return unseal(this.#key, `${snapshot}/${part}`, readFileOf(this.#snapshotFile(snapshot, part)))
  }

  /** Makes the snapshot count. */
  async writeManifest(snapshot: string, manifest: unknown): Promise<void> {
    await this.writePart(snapshot, MANIFEST, one(Buffer.from(JSON.stringify(manifest))))
  }

  async readManifest(snapshot: string): Promise<unknown> {
    const text = Buffer.concat(await Array.fromAsync(this.readPart(snapshot, MANIFEST))).toString()
    return JSON.parse(text)
  }

  async hasBlob(sha256: string): Promise<boolean> {
    return exists(this.#blobFile(sha256))
  }

  async writeBlob(sha256: string, source: AsyncIterable<Buffer>): Promise<void> {
    const file = this.#blobFile(sha256)
    await writeDurably(this.folder, file, seal(this.#key, `blob ${sha256}`, source))
  }

  /** Throws `BundleDamagedError`, at the latest at its end. */
  readBlob(sha256: string): AsyncIterable<Buffer> {
    return unseal(this.#key, `blob ${sha256}`, readFileOf(this.#blobFile(sha256)))
  }

  #snapshotFile(snapshot: string, part: string): string {
    return path.join(this.folder, 'snapshots', snapshot, part)
  }

  /** Does not say which content it is: a public package would be known by its hash. */
  #blobFile(sha256: string): string {
    const name = createHmac('sha256', this.#key).update(`blob ${sha256}`).digest('hex')
    return path.join(this.folder, 'blobs', name.slice(0, 2), name)
  }
}

function parseLabel(text: string): Label | undefined {
  try {
    return JSON.parse(text) as Label
  } catch {
    return undefined
  }
}

function keyCheck(key: Buffer, id: string): string {
  return createHmac('sha256', key).update(`packyard backup ${id}`).digest('hex')
}

/** Whole from its first moment: elsewhere first. */
async function writeDurably(
  folder: string,
  name: string,
  source: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<void> {
  const temporary = path.join(folder, UNFINISHED, randomUUID())
  await mkdir(path.dirname(temporary), { recursive: true, mode: 0o700 })
  await mkdir(path.dirname(name), { recursive: true, mode: 0o700 })
  try {
    await using file = await open(temporary, 'wx', 0o600)
    for await (const chunk of source) await file.write(chunk)
    await file.sync()
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await rename(temporary, name)
}

async function* readFileOf(name: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(name, { highWaterMark: 262_144 })) yield chunk as Buffer
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      throw new BundleDamagedError(`${name} is missing`, cause)
    }
    throw cause
  }
}

async function* one(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}

async function exists(name: string): Promise<boolean> {
  return access(name).then(
    () => true,
    () => false,
  )
}
