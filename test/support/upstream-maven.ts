import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { join, normalize } from 'node:path'
import type { Answer } from './faults.ts'
import { makeMaven, type MavenInput, metadataText } from './maven-package.ts'

const algorithms = ['sha512', 'sha256', 'sha1', 'md5'] as const

interface StoredFile {
  readonly bytes: Buffer
  readonly modifiedAt: Date
}

/** The Maven half of an upstream, below `/maven2/`: files in memory, then those of a folder, in the same layout. */
export class UpstreamMaven {
  /** With a final slash. */
  readonly url: string
  /** A folder in the layout of a Maven repository, as Debian's, which is served behind what is in memory. */
  folder: string | undefined
  /** Which checksum files there are. */
  checksums: readonly string[] = ['sha1', 'md5']
  /** Sent with files, as some repositories do. */
  checksumHeaders: readonly string[] = []
  readonly #files = new Map<string, StoredFile>()

  constructor(base: string) {
    this.url = `${base}maven2/`
  }

  add(input: MavenInput | string): void {
    const made = makeMaven(input)
    for (const [path, bytes] of made.files) this.#files.set(path, { bytes, modifiedAt: made.publishedAt })
  }

  /** Any file at all, as a wrong checksum; undefined takes it away. */
  put(path: string, bytes: Buffer | string | undefined): void {
    if (bytes === undefined) this.#files.delete(path)
    else this.#files.set(path, { bytes: Buffer.from(bytes), modifiedAt: new Date('2021-01-01T00:00:00Z') })
  }

  bytes(path: string): Buffer {
    const found = this.#find(path)
    if (!found) throw new Error(`the upstream has no ${path}`)
    return found.bytes
  }

  /** Undefined for what is no path of this half. */
  answer(path: string, headers: IncomingHttpHeaders): Answer | undefined {
    if (!path.startsWith('/maven2/')) return undefined
    const found = this.#find(path.slice('/maven2/'.length))
    if (!found)
      return { status: 404, headers: { 'content-type': 'text/html' }, body: Buffer.from('none'), sizeBytes: 4 }
    const { bytes, modifiedAt } = found
    const etag = `"${digest('md5', bytes)}"`
    if (headers['if-none-match'] === etag)
      return { status: 304, headers: { etag }, body: Buffer.alloc(0), sizeBytes: 0 }
    const sums = this.checksumHeaders.map((name) => [`x-checksum-${name}`, digest(name, bytes)])
    const said = { etag, 'last-modified': modifiedAt.toUTCString(), ...(Object.fromEntries(sums) as object) }
    return { status: 200, headers: said, body: bytes, sizeBytes: bytes.length }
  }

  #find(path: string): StoredFile | undefined {
    const stored = this.#files.get(path) ?? this.#inFolder(path)
    if (stored) return stored
    const algorithm = algorithms.find((name) => this.checksums.includes(name) && path.endsWith(`.${name}`))
    const summed = algorithm && this.#find(path.slice(0, -algorithm.length - 1))
    if (summed) return { ...summed, bytes: Buffer.from(digest(algorithm, summed.bytes)) }
    return path.endsWith('/maven-metadata.xml')
      ? this.#metadata(path.slice(0, -'/maven-metadata.xml'.length))
      : undefined
  }

  #inFolder(path: string): StoredFile | undefined {
    if (this.folder === undefined || path.includes('..')) return undefined
    const file = normalize(join(this.folder, path))
    const found = statSync(file, { throwIfNoEntry: false })
    return found?.isFile() ? { bytes: readFileSync(file), modifiedAt: new Date('2023-03-03T03:03:03Z') } : undefined
  }

  #metadata(folder: string): StoredFile | undefined {
    const parts = folder.split('/')
    const artifact = parts.at(-1) ?? ''
    const group = parts.slice(0, -1).join('.')
    const versions = this.#children(folder).filter((version) =>
      this.#has(`${folder}/${version}/${artifact}-${version}.pom`),
    )
    const plugins = this.#children(folder).flatMap((name) => {
      const prefix = /^maven-(.+)-plugin$/.exec(name)?.[1] ?? /^(.+)-maven-plugin$/.exec(name)?.[1]
      return prefix === undefined
        ? []
        : [`<plugin><name>${name}</name><prefix>${prefix}</prefix><artifactId>${name}</artifactId></plugin>`]
    })
    const list = plugins.length > 0 ? `<plugins>${plugins.join('')}</plugins>` : ''
    const modifiedAt = new Date('2024-04-04T04:04:04Z')
    if (versions.length > 0) return { bytes: Buffer.from(metadataText(group, artifact, versions, list)), modifiedAt }
    return list === '' ? undefined : { bytes: Buffer.from(`<metadata>${list}</metadata>`), modifiedAt }
  }

  #has(path: string): boolean {
    return this.#files.has(path) || (this.folder !== undefined && existsSync(join(this.folder, path)))
  }

  #children(folder: string): string[] {
    const inMemory = [...this.#files.keys()].flatMap((path) => {
      return path.startsWith(`${folder}/`) ? [path.slice(folder.length + 1).split('/')[0] ?? ''] : []
    })
    const disk = this.folder === undefined ? undefined : join(this.folder, folder)
    const onDisk = disk !== undefined && existsSync(disk) && statSync(disk).isDirectory() ? readdirSync(disk) : []
    return [...new Set([...onDisk, ...inMemory])].sort((left, right) =>
      left.localeCompare(right, 'en', { numeric: true }),
    )
  }
}

function digest(algorithm: string, bytes: Buffer): string {
  return createHash(algorithm).update(bytes).digest('hex')
}
