import { bytesOf, makePackage, type NpmPackage, type PackageInput, tarballFile } from './npm-package.ts'
import { digest } from './tarball.ts'

export interface WireReply {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Buffer
  /** The body as JSON; throws when it is none. */
  json(): Record<string, unknown>
}

/** What a publish says differently from what is right, to see it refused. */
export interface PublishChanges {
  /** Other bytes than the package's own. */
  readonly tarball?: Buffer
  /** The digests to declare; those of the bytes unless given. */
  readonly dist?: object
  readonly name?: string
  readonly version?: string
  readonly tags?: Readonly<Record<string, string>>
  /** What stands in the document as the attachment's length. */
  readonly length?: number
}

/** Speaks npm's protocol without a client, for what no client would send. */
export class NpmWire {
  readonly #endpoint: string
  readonly #token: string | undefined

  /** Without a token the requests are anonymous. */
  constructor(endpoint: string, token: string | undefined) {
    this.#endpoint = endpoint
    this.#token = token
  }

  async request(method: string, path: string, init: { headers?: object; body?: string } = {}): Promise<WireReply> {
    const authorization = this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }
    const headers = { ...authorization, ...init.headers }
    const response = await fetch(new URL(path, this.#endpoint), { ...init, method, headers, redirect: 'manual' })
    const bytes = Buffer.from(await response.arrayBuffer())
    const json = () => JSON.parse(bytes.toString()) as Record<string, unknown>
    return { status: response.status, headers: response.headers, bytes, json }
  }

  get(path: string, headers: object = {}): Promise<WireReply> {
    return this.request('GET', path, { headers })
  }

  tarball(name: string, version: string): Promise<WireReply> {
    return this.get(`${name}/-/${tarballFile(name, version)}`)
  }

  /** Publishes as npm does, except for the changes asked for. */
  async publish(input: PackageInput, changes: PublishChanges = {}): Promise<WireReply> {
    const made = await makePackage(input)
    const body = JSON.stringify(await publishDocument(made, changes))
    const name = changes.name ?? made.name
    return this.request('PUT', name.replace('/', '%2f'), { headers: { 'content-type': 'application/json' }, body })
  }
}

/** The body of a publish. Source: what npm 11 sends. */
export async function publishDocument(made: NpmPackage, changes: PublishChanges = {}): Promise<object> {
  const bytes = changes.tarball ?? (await bytesOf(made))
  const { shasum, integrity } = digest(bytes)
  const { name, version } = { name: made.name, version: made.version, ...changes }
  const dist = changes.dist ?? { shasum, integrity }
  const data = { content_type: 'application/octet-stream', data: bytes.toString('base64') }
  return {
    _id: name,
    name,
    description: made.manifest.description,
    'dist-tags': changes.tags ?? { [made.tag]: version },
    versions: { [version]: { ...made.manifest, name, version, _id: `${name}@${version}`, dist } },
    access: null,
    _attachments: { [`${name}-${version}.tgz`]: { ...data, length: changes.length ?? bytes.length } },
  }
}
