import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Answer } from './faults.ts'
import { type BuiltGem, buildGem, type GemInput } from './gem-file.ts'

/** The Ruby part of an upstream: gems in memory, answered as a public index does, without the old interfaces. */
export class UpstreamRuby {
  readonly #gems = new Map<string, BuiltGem[]>()
  #versions = 'created_at: 2026-01-01T00:00:00Z\n---\n'

  /** Publishes one more gem; a line for it stands at the end of `versions`. */
  add(input: GemInput): BuiltGem {
    const built = buildGem(input)
    this.#gems.set(built.name, [...(this.#gems.get(built.name) ?? []), built])
    this.#versions += `${built.name} ${built.number} ${md5(this.#info(built.name))}\n`
    return built
  }

  gem(name: string, number: string): BuiltGem {
    const found = this.#gems.get(name)?.find((built) => built.number === number)
    if (!found) throw new Error(`the upstream has no ${name} ${number}`)
    return found
  }

  /** Undefined for what is no address of such an index. */
  answer(path: string, headers: IncomingHttpHeaders): Answer | undefined {
    if (path === '/versions') return compact(this.#versions, headers)
    const [, name] = /^\/info\/([^/]+)$/.exec(path) ?? []
    if (name !== undefined) return this.#gems.has(name) ? compact(this.#info(name), headers) : missing()
    const [, file] = /^\/gems\/([^/]+)\.gem$/.exec(path) ?? []
    if (file === undefined) return undefined
    const found = [...this.#gems.values()].flat().find((built) => `${built.name}-${built.number}` === file)
    if (!found) return missing()
    return reply(200, found.bytes, { 'content-type': 'application/octet-stream' })
  }

  #info(name: string): string {
    const lines = (this.#gems.get(name) ?? []).map(({ number, dependencies, sha256, createdAt }) => {
      const needed = Object.entries(dependencies).map(([dependency, requirement]) => `${dependency}:${requirement}`)
      const created = createdAt === undefined ? '' : `,created_at:${createdAt}`
      return `${number} ${needed.sort().join(',')}|checksum:${sha256},ruby:>= 2.0${created}\n`
    })
    return `---\n${lines.join('')}`
  }
}

/** Source: rubygems.org, what its compact index answers. */
function compact(text: string, asked: IncomingHttpHeaders): Answer {
  const body = Buffer.from(text)
  const sha256 = createHash('sha256').update(body).digest('base64')
  const headers = { etag: `"${md5(text)}"`, 'repr-digest': `sha-256=:${sha256}:`, 'content-type': 'text/plain' }
  if (asked['if-none-match'] === headers.etag) return reply(304, Buffer.alloc(0), headers)
  const [, start] = /^bytes=(\d+)-$/.exec(asked.range ?? '') ?? []
  if (start === undefined) return reply(200, body, headers)
  const range = `bytes ${start}-${body.length - 1}/${body.length}`
  return reply(206, body.subarray(Number(start)), { ...headers, 'content-range': range })
}

function reply(status: number, body: Buffer, headers: Readonly<Record<string, string>>): Answer {
  return { status, headers, body, sizeBytes: body.length }
}

function missing(): Answer {
  return reply(404, Buffer.from('This rubygem could not be found.'), {})
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}
