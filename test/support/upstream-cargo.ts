import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { type Crate, type CrateInput, makeCrate } from './cargo-crate.ts'
import type { Answer } from './faults.ts'

/** The Cargo half of an upstream: a sparse index below `/crates/`, whose crates lie elsewhere. */
export class UpstreamCargo {
  /** Address of the index. */
  readonly url: string
  /** `dl` of config.json; may be changed, as its owner may. */
  dl: string
  readonly #crates = new Map<string, Crate[]>()
  readonly #yanked = new Set<string>()

  constructor(base: string) {
    this.url = `${base}crates/`
    this.dl = `${base}crate-files/{lowerprefix}/{crate}-{version}.crate`
  }

  add(input: CrateInput | string): Crate {
    const crate = makeCrate(input)
    const key = crate.input.name.toLowerCase()
    this.#crates.set(key, [...(this.#crates.get(key) ?? []), crate])
    return crate
  }

  yank(name: string, version: string): void {
    this.#yanked.add(`${name}-${version}`)
  }

  /** Undefined for a path that is none of a Cargo registry. */
  answer(path: string, headers: IncomingHttpHeaders): Answer | undefined {
    if (path === '/crates/config.json') return text(JSON.stringify({ dl: this.dl, api: this.url.slice(0, -1) }))
    const [, place, name = ''] = /^\/crates\/(.+)\/([^/]+)$/.exec(path) ?? []
    if (place !== undefined) return place === prefixOf(name) ? this.#index(name, headers) : notFound()
    const [, file] = /^\/crate-files\/.*?([^/]+)(?:\/download)?$/.exec(path) ?? []
    return file === undefined ? undefined : this.#file(path)
  }

  #index(name: string, headers: IncomingHttpHeaders): Answer {
    const crates = this.#crates.get(name)
    if (!crates) return notFound()
    const lines = crates.map(({ line, input }) => {
      return JSON.stringify({ ...line, yanked: this.#yanked.has(`${input.name}-${input.version}`) })
    })
    const answer = text(`${lines.join('\n')}\n`)
    const etag = `"${createHash('sha1')
      .update(answer.body as Buffer)
      .digest('hex')}"`
    const tagged = { ...answer, headers: { ...answer.headers, etag } }
    return headers['if-none-match'] === etag ? { ...tagged, status: 304, body: Buffer.alloc(0), sizeBytes: 0 } : tagged
  }

  #file(path: string): Answer {
    const found = [...this.#crates.values()].flat().find(({ input: { name, version } }) => {
      return path.endsWith(`/${name}-${version}.crate`) || path.endsWith(`/${name}/${version}/download`)
    })
    if (!found) return notFound()
    const headers = { 'content-type': 'application/octet-stream' }
    return { status: 200, headers, body: found.bytes, sizeBytes: found.bytes.length }
  }
}

function prefixOf(name: string): string {
  if (name.length < 3) return String(name.length)
  return name.length === 3 ? `3/${name[0]}` : `${name.slice(0, 2)}/${name.slice(2, 4)}`
}

function text(content: string): Answer {
  const body = Buffer.from(content)
  return { status: 200, headers: { 'content-type': 'text/plain' }, body, sizeBytes: body.length }
}

function notFound(): Answer {
  return { ...text('not found'), status: 404 }
}
