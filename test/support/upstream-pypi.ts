import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import type { Answer } from './faults.ts'
import { makePython, normalize, type PythonFile, type PythonInput, sha256 } from './python-package.ts'

const jsonType = 'application/vnd.pypi.simple.v1+json'

/** How an index may be spoken: as the public one does, or as a folder of files behind a plain server. */
export type PypiDialect = 'json' | 'html'

/** The Python half of an upstream: files in memory, answered as a public index does, on paths of their own. */
export class UpstreamPypi {
  readonly #base: string
  readonly #projects = new Map<string, Map<string, PythonFile>>()
  readonly #statuses = new Map<string, string>()
  dialect: PypiDialect = 'json'

  constructor(base: string) {
    this.#base = base
  }

  /** The same file name again takes the place of what was there. */
  add(input: PythonInput): PythonFile {
    const file = makePython(input)
    const files = this.#projects.get(file.project) ?? new Map<string, PythonFile>()
    this.#projects.set(file.project, files.set(file.filename, file))
    return file
  }

  /** Every wheel of a folder, as it stands; nothing is said of one but its name, its size and its digest. */
  addFolder(folder: string): void {
    for (const filename of readdirSync(folder).filter((name) => name.endsWith('.whl'))) {
      const [name = '', version = ''] = filename.split('-')
      const project = normalize(name)
      const files = this.#projects.get(project) ?? new Map<string, PythonFile>()
      const bytes = readFileSync(join(folder, filename))
      const unsaid = { metadata: undefined, requiresPython: undefined, yanked: undefined }
      const uploadedAt = '2023-03-03T03:03:03Z'
      this.#projects.set(project, files.set(filename, { project, version, filename, bytes, uploadedAt, ...unsaid }))
    }
  }

  file(project: string, filename: string): PythonFile {
    const found = this.#projects.get(project)?.get(filename)
    if (!found) throw new Error(`the upstream has no ${filename}`)
    return found
  }

  yank(project: string, filename: string, reason: string | true): void {
    this.#projects.get(project)?.set(filename, { ...this.file(project, filename), yanked: reason })
  }

  setStatus(project: string, status: string): void {
    this.#statuses.set(project, status)
  }

  /** Undefined for a path that is none of an index. */
  answer(path: string, headers: IncomingHttpHeaders): Answer | undefined {
    const [, project] = /^\/simple\/([^/]+)\/$/.exec(path) ?? []
    if (project !== undefined) return this.#page(project, headers)
    const [, owner = '', filename = ''] = /^\/files\/([^/]+)\/(.+)$/.exec(path) ?? []
    return filename === '' ? undefined : this.#file(owner, filename)
  }

  #file(project: string, filename: string): Answer {
    const files = this.#projects.get(normalize(project))
    const bytes = files?.get(filename)?.bytes ?? files?.get(filename.replace(/\.metadata$/, ''))?.metadata
    if (!bytes) return notFound()
    return {
      status: 200,
      headers: { 'content-type': 'application/octet-stream' },
      body: bytes,
      sizeBytes: bytes.length,
    }
  }

  #page(project: string, asked: IncomingHttpHeaders): Answer {
    const files = [...(this.#projects.get(project)?.values() ?? [])]
    if (files.length === 0) return notFound()
    const isJson = this.dialect === 'json' && (asked.accept ?? '').includes(jsonType)
    const text = isJson ? this.#json(project, files) : this.#html(files)
    const etag = `"${createHash('md5').update(text).digest('hex')}"`
    const headers = { 'content-type': isJson ? jsonType : 'text/html', 'cache-control': 'max-age=600, public', etag }
    if (asked['if-none-match'] === etag) return { status: 304, headers, body: Buffer.alloc(0), sizeBytes: 0 }
    const body = Buffer.from(text)
    return { status: 200, headers, body, sizeBytes: body.length }
  }

  #json(project: string, files: readonly PythonFile[]): string {
    const status = this.#statuses.get(project)
    return JSON.stringify({
      meta: { 'api-version': '1.4', '_last-serial': 42 },
      name: project,
      ...(status !== undefined && { 'project-status': { status, reason: 'as the test wants it' } }),
      versions: [...new Set(files.map(({ version }) => version))],
      files: files.map((file) => ({
        filename: file.filename,
        url: `${this.#base}files/${project}/${file.filename}`,
        hashes: { sha256: sha256(file.bytes) },
        ...(file.requiresPython !== undefined && { 'requires-python': file.requiresPython }),
        // Both keys, as the public index has them.
        ...(file.metadata && { 'core-metadata': { sha256: sha256(file.metadata) } }),
        ...(file.metadata && { 'data-dist-info-metadata': { sha256: sha256(file.metadata) } }),
        yanked: file.yanked ?? false,
        size: file.bytes.length,
        'upload-time': file.uploadedAt,
        provenance: null,
      })),
    })
  }

  /** As a folder behind a plain server: relative addresses, unescaped attributes, nothing but hashes. */
  #html(files: readonly PythonFile[]): string {
    const anchors = files.map((file) => {
      const python = file.requiresPython === undefined ? '' : ` data-requires-python="${file.requiresPython}"`
      const yanked = file.yanked === undefined ? '' : ` data-yanked="${file.yanked === true ? '' : file.yanked}"`
      const href = `../../files/${file.project}/${file.filename}#sha256=${sha256(file.bytes)}`
      return `<a href="${href}"${python}${yanked}>${file.filename}</a><br>`
    })
    return `<!DOCTYPE html><html><body>\n${anchors.join('\n')}\n</body></html>\n`
  }
}

function notFound(): Answer {
  const body = Buffer.from('404 Not Found')
  return { status: 404, headers: { 'content-type': 'text/plain' }, body, sizeBytes: body.length }
}
