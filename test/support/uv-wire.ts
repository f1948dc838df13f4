import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import { uploadForm } from './pypi-wire.ts'
import type { PythonFile } from './python-package.ts'

/** Source: what uv 0.12 sends: its `uv-client`, `uv-publish` and the range reader that it uses. */
const pageAccept = 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01'
const uploadAccept = 'application/json;q=0.9, text/plain;q=0.8, text/html;q=0.7'
const userAgent = 'uv/0.12.5 {"installer":{"name":"uv","version":"0.12.5"},"python":"3.12.4"}'

/** What uv asks for first of a wheel without metadata beside it: the end of the archive. Unit: bytes. */
const TAIL_BYTES = 16_384

export interface UvFile {
  readonly filename: string
  /** Absolute, as it stands in `uv.lock`. */
  readonly url: string
  readonly hashes: Readonly<Record<string, string>>
  readonly size: number | undefined
  readonly uploadTime: string | undefined
  readonly yanked: boolean | string
  readonly hasMetadata: boolean
}

interface CachedPage {
  readonly etag: string
  readonly files: readonly UvFile[]
}

/** Speaks to an index as uv does: with its headers, its order and its cache. */
export class UvWire {
  readonly #endpoint: string
  readonly #token: string
  readonly #pages = new Map<string, CachedPage>()
  /** The status of every answer, in order. */
  readonly statuses: number[] = []

  constructor(endpoint: string, token: string) {
    this.#endpoint = endpoint
    this.#token = token
  }

  /** uv stops at any type of page that it does not know, and asks for what it has by its ETag. */
  async page(project: string): Promise<readonly UvFile[] | undefined> {
    const cached = this.#pages.get(project)
    const url = `${this.#endpoint}simple/${project}/`
    const response = await this.#get(url, {
      accept: pageAccept,
      'accept-encoding': 'gzip, deflate, zstd',
      ...(cached && { 'if-none-match': cached.etag }),
    })
    if (response.status === 304) return cached?.files
    if (response.status === 404) return undefined
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), 'application/vnd.pypi.simple.v1+json')
    const files = readFiles(await response.json(), url)
    const etag = response.headers.get('etag')
    if (etag !== null) this.#pages.set(project, { etag, files })
    return files
  }

  /** What a wheel says of itself: beside it where the index says so, else out of its archive, by ranges. */
  async metadata(file: UvFile): Promise<Buffer> {
    if (!file.hasMetadata) return this.#metadataInside(file.url)
    const response = await this.#get(`${file.url}.metadata`, {})
    assert.equal(response.status, 200, `${file.filename}.metadata`)
    return Buffer.from(await response.arrayBuffer())
  }

  /** Fails on any other bytes than the index says, as an installation would. */
  async download(file: UvFile): Promise<Buffer> {
    const response = await this.#get(file.url, { 'accept-encoding': 'identity' })
    assert.equal(response.status, 200, file.filename)
    const bytes = Buffer.from(await response.arrayBuffer())
    assert.equal(createHash('sha256').update(bytes).digest('hex'), file.hashes['sha256'])
    return bytes
  }

  /** `uv publish --check-url`: what stands there already is compared, and not sent: `skipped` or `differs`. */
  async publish(made: PythonFile): Promise<string> {
    const standing = (await this.page(made.project))?.find(({ filename }) => filename === made.filename)
    const sha256 = createHash('sha256').update(made.bytes).digest('hex')
    if (standing) return standing.hashes['sha256'] === sha256 ? 'skipped' : 'differs'
    return this.upload(made)
  }

  /** Says what uv prints when the upload fails. */
  async upload(made: PythonFile): Promise<string> {
    const headers = { ...this.#headers(), accept: uploadAccept }
    const body = uploadForm(made)
    const response = await fetch(this.#endpoint, { method: 'POST', redirect: 'manual', headers, body })
    this.statuses.push(response.status)
    const text = await response.text()
    if (response.ok) return 'uploaded'
    const type = response.headers.get('content-type') ?? ''
    const said = type === 'application/json' ? (JSON.parse(text) as { code: string }).code : text
    return `Upload failed with status code ${response.status}. Server says: ${said}`
  }

  async #metadataInside(url: string): Promise<Buffer> {
    const identity = { 'accept-encoding': 'identity' }
    const head = await fetch(url, { method: 'HEAD', redirect: 'manual', headers: { ...this.#headers(), ...identity } })
    this.statuses.push(head.status)
    assert.deepEqual([head.status, head.headers.get('accept-ranges')], [200, 'bytes'])
    const total = Number(head.headers.get('content-length'))
    const part = async (start: number, end: number) => {
      const response = await this.#get(url, { ...identity, range: `bytes=${start}-${end}` })
      assert.deepEqual(
        [response.status, response.headers.get('content-range')],
        [206, `bytes ${start}-${end}/${total}`],
      )
      return Buffer.from(await response.arrayBuffer())
    }
    const tailStart = Math.max(0, total - TAIL_BYTES)
    const entry = findMetadata(await part(tailStart, total - 1))
    return unpack(await part(entry.offset, entry.offset + 30 + entry.nameBytes + entry.packedBytes - 1), entry)
  }

  async #get(url: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    const response = await fetch(url, { headers: { ...this.#headers(), ...headers } })
    this.statuses.push(response.status)
    return response
  }

  #headers(): Record<string, string> {
    const basic = Buffer.from(`aws:${this.#token}`).toString('base64')
    return { authorization: `Basic ${basic}`, 'user-agent': userAgent }
  }
}

interface JsonFile {
  readonly filename: string
  readonly url: string
  readonly hashes: Readonly<Record<string, string>>
  readonly size?: number
  readonly 'upload-time'?: string
  readonly yanked: boolean | string
  readonly 'core-metadata'?: unknown
}

function readFiles(page: unknown, base: string): UvFile[] {
  return (page as { files: JsonFile[] }).files.map((file) => ({
    filename: file.filename,
    url: new URL(file.url, base).href,
    hashes: file.hashes,
    size: file.size,
    uploadTime: file['upload-time'],
    yanked: file.yanked,
    hasMetadata: file['core-metadata'] !== undefined && file['core-metadata'] !== false,
  }))
}

interface ZipEntry {
  readonly offset: number
  readonly nameBytes: number
  readonly packedBytes: number
  readonly isDeflated: boolean
}

/** In the directory at the end of an archive. Source: APPNOTE.TXT, 4.3.12. */
function findMetadata(tail: Buffer): ZipEntry {
  for (let at = tail.indexOf('PK\x01\x02'); at >= 0; at = tail.indexOf('PK\x01\x02', at + 4)) {
    const nameBytes = tail.readUInt16LE(at + 28)
    const name = tail.toString('utf8', at + 46, at + 46 + nameBytes)
    if (!name.endsWith('.dist-info/METADATA')) continue
    const isDeflated = tail.readUInt16LE(at + 10) === 8
    return { offset: tail.readUInt32LE(at + 42), nameBytes, packedBytes: tail.readUInt32LE(at + 20), isDeflated }
  }
  throw new Error('the end of the archive names no METADATA')
}

function unpack(part: Buffer, { nameBytes, packedBytes, isDeflated }: ZipEntry): Buffer {
  const start = 30 + nameBytes + part.readUInt16LE(28)
  const packed = part.subarray(start, start + packedBytes)
  return isDeflated ? inflateRawSync(packed) : packed
}
