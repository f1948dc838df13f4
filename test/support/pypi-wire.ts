import { createHash } from 'node:crypto'
import { makePython, type PythonFile, type PythonInput } from './python-package.ts'

export interface PypiReply {
  readonly status: number
  /** What stands behind the status. */
  readonly reason: string
  readonly headers: Headers
  readonly bytes: Buffer
  text(): string
  json(): SimpleJson
}

/** A page, as far as tests look at it. */
export interface SimpleJson {
  readonly name: string
  readonly versions: readonly string[]
  readonly 'project-status'?: { readonly status: string }
  readonly files: readonly SimpleJsonFile[]
}

export interface SimpleJsonFile {
  readonly filename: string
  readonly url: string
  readonly hashes: Readonly<Record<string, string>>
  readonly yanked: boolean | string
  readonly size?: number
  readonly 'upload-time'?: string
  readonly 'requires-python'?: string
  readonly 'core-metadata'?: unknown
  readonly provenance?: string
}

export const jsonAccept = { accept: 'application/vnd.pypi.simple.v1+json' }

export interface UploadChanges {
  /** Fields of the form that differ; undefined takes one out. */
  readonly fields?: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly filename?: string
  readonly bytes?: Buffer
  /** Where the file stands among the fields; behind them unless said, as every client does. */
  readonly fileAt?: 'front'
  /** Below the endpoint. */
  readonly path?: string
}

/** Speaks the protocol without a client, to say what no client would. */
export class PypiWire {
  readonly endpoint: string
  readonly #token: string | undefined

  constructor(endpoint: string, token: string | undefined) {
    this.endpoint = endpoint
    this.#token = token
  }

  async request(method: string, path: string, init: RequestInit = {}): Promise<PypiReply> {
    const authorization = this.#token && `Basic ${Buffer.from(`aws:${this.#token}`).toString('base64')}`
    const headers = { ...(authorization && { authorization }), ...(init.headers as Record<string, string>) }
    const url = new URL(path, this.endpoint)
    const response = await fetch(url, { redirect: 'manual', ...init, method, headers })
    const bytes = Buffer.from(await response.arrayBuffer())
    const text = () => bytes.toString()
    const { status, statusText: reason } = response
    return { status, reason, headers: response.headers, bytes, text, json: () => JSON.parse(text()) as SimpleJson }
  }

  get(path: string, headers: Record<string, string> = {}): Promise<PypiReply> {
    return this.request('GET', path, { headers })
  }

  async page(project: string): Promise<SimpleJson> {
    const reply = await this.get(`simple/${project}/`, jsonAccept)
    if (reply.status !== 200) throw new Error(`${reply.status} ${reply.reason}`)
    return reply.json()
  }

  /** The file of a page, by its address there. */
  async file(project: string, filename: string, more = ''): Promise<PypiReply> {
    const found = (await this.page(project)).files.find((file) => file.filename === filename)
    if (!found) throw new Error(`${filename} is not on the page of ${project}`)
    return this.get(`${new URL(found.url, `${this.endpoint}simple/${project}/`).href}${more}`)
  }

  /** As uv does, except for the changes asked for. */
  async upload(input: PythonInput | PythonFile, changes: UploadChanges = {}): Promise<PypiReply> {
    const made = typeof input === 'object' && 'bytes' in input ? input : makePython(input)
    return this.request('POST', changes.path ?? '', { body: uploadForm(made, changes) })
  }

  /** An upload that has to succeed. */
  async publish(input: PythonInput | PythonFile, changes: UploadChanges = {}): Promise<void> {
    const reply = await this.upload(input, changes)
    if (reply.status !== 200) throw new Error(`${reply.status} ${reply.reason} ${reply.text()}`)
  }
}

/** Source: what uv 0.12 sends: fields first, then the file; two digests; `requires_python` even when it is empty. */
export function uploadForm(made: PythonFile, changes: UploadChanges = {}): FormData {
  const bytes = changes.bytes ?? made.bytes
  const isWheel = made.filename.endsWith('.whl')
  const fields: Record<string, string | readonly string[] | undefined> = {
    ':action': 'file_upload',
    protocol_version: '1',
    sha256_digest: createHash('sha256').update(bytes).digest('hex'),
    metadata_version: '2.1',
    name: made.project,
    version: made.version,
    filetype: isWheel ? 'bdist_wheel' : 'sdist',
    pyversion: isWheel ? 'py3' : 'source',
    requires_python: made.requiresPython ?? '',
    ...changes.fields,
  }
  const form = new FormData()
  const file = new Blob([new Uint8Array(bytes)], { type: 'application/octet-stream' })
  if (changes.fileAt === 'front') form.append('content', file, changes.filename ?? made.filename)
  for (const [name, value] of Object.entries(fields)) {
    for (const each of value === undefined ? [] : [value].flat()) form.append(name, each)
  }
  if (changes.fileAt !== 'front') form.append('content', file, changes.filename ?? made.filename)
  return form
}
