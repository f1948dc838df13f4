import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Answer } from './faults.ts'
import { makeSwift, type SwiftInput, type SwiftPackage } from './swift-package.ts'

/** The Swift half of an upstream: a registry below `/swift-registry/`, which knows names in lower case only. */
export class UpstreamSwift {
  /** Address of the registry. */
  readonly url: string
  /** Fields of a release that are told otherwise than they are, by `id@version`. */
  readonly lies = new Map<string, object>()
  readonly #packages = new Map<string, SwiftPackage[]>()

  constructor(base: string) {
    this.url = `${base}swift-registry/`
  }

  add(input: SwiftInput | string): SwiftPackage {
    const made = makeSwift(input)
    const key = made.id.toLowerCase()
    this.#packages.set(key, [...(this.#packages.get(key) ?? []), made])
    return made
  }

  /** Undefined for a path that is none of a Swift registry. */
  answer(path: string, headers: IncomingHttpHeaders): Answer | undefined {
    const [, scope, name, last] = /^\/swift-registry\/([^/]+)\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? []
    if (scope === undefined) return undefined
    const packages = this.#packages.get(`${scope}.${name}`) ?? []
    if (packages.length === 0) return problem()
    if (last === undefined) return this.#list(packages, headers)
    const found = packages.find(({ version }) => last === version || last === `${version}.zip`)
    if (!found) return problem()
    return last.endsWith('.zip') ? answer('application/zip', found.bytes) : json(this.#release(found))
  }

  #list(packages: readonly SwiftPackage[], headers: IncomingHttpHeaders): Answer {
    const releases = Object.fromEntries(packages.map(({ version }) => [version, {}]))
    const listed = json({ releases: { ...releases, '0.0.1': { problem: { status: 410 } } } })
    const etag = `"${createHash('sha1')
      .update(listed.body as Buffer)
      .digest('hex')}"`
    const tagged = { ...listed, headers: { ...listed.headers, etag } }
    return headers['if-none-match'] === etag ? { ...tagged, status: 304, body: Buffer.alloc(0), sizeBytes: 0 } : tagged
  }

  #release(made: SwiftPackage): object {
    const checksum = createHash('sha256').update(made.bytes).digest('hex')
    return {
      id: made.id,
      version: made.version,
      resources: [{ name: 'source-archive', type: 'application/zip', checksum }],
      metadata: made.metadata ?? {},
      publishedAt: '2021-02-03T04:05:06Z',
      ...this.lies.get(`${made.id}@${made.version}`),
    }
  }
}

function json(value: unknown): Answer {
  return answer('application/json', Buffer.from(JSON.stringify(value)))
}

function answer(type: string, body: Buffer): Answer {
  return { status: 200, headers: { 'content-type': type, 'content-version': '1' }, body, sizeBytes: body.length }
}

function problem(): Answer {
  return { ...answer('application/problem+json', Buffer.from('{"status":404,"detail":"none"}')), status: 404 }
}
