import { request as sendRequest } from 'node:http'
import type { SwiftPackage } from './swift-package.ts'

export interface SwiftReply {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Buffer
  text(): string
  json(): SwiftJson
}

/** What tests look at, of any of the documents. */
export interface SwiftJson {
  readonly [field: string]: unknown
  readonly releases?: Readonly<
    Record<string, { readonly url?: string; readonly problem?: { readonly detail: string } }>
  >
  readonly resources?: readonly {
    readonly checksum: string
    readonly signing?: { readonly signatureBase64Encoded: string; readonly signatureFormat: string }
  }[]
  readonly detail?: string
}

/** Parts of a publish beside the archive. */
export interface PublishParts {
  readonly metadata?: Buffer | string | undefined
  readonly signature?: Buffer
  readonly metadataSignature?: Buffer
  readonly signatureFormat?: string
}

const accept = (suffix: string) => `application/vnd.swift.registry.v1+${suffix}`

/** Speaks to an endpoint as SwiftPM does: headers and forms are its own. */
export class SwiftWire {
  readonly endpoint: string
  readonly #token: string | undefined

  constructor(endpoint: string, token: string | undefined) {
    this.endpoint = endpoint
    this.#token = token
  }

  get(path: string, headers: Record<string, string> = {}): Promise<SwiftReply> {
    return this.request('GET', path, headers)
  }

  async json(path: string): Promise<SwiftJson> {
    const reply = await this.get(path)
    if (reply.status !== 200) throw new Error(`${path}: ${reply.status} ${reply.text()}`)
    return reply.json()
  }

  async request(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: Buffer,
  ): Promise<SwiftReply> {
    const response = await fetch(new URL(path, this.endpoint), {
      method,
      redirect: 'manual',
      headers: {
        'user-agent': 'SwiftPackageManager/6.0.3',
        accept: accept(suffixOf(path)),
        ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }),
        ...headers,
      },
      ...(body && { body }),
    })
    const bytes = Buffer.from(await response.arrayBuffer())
    return {
      status: response.status,
      headers: response.headers,
      bytes,
      text: () => bytes.toString(),
      json: () => JSON.parse(bytes.toString()) as SwiftJson,
    }
  }

  /** As `swift package-registry publish` does it. */
  publish(made: SwiftPackage, parts: PublishParts = {}): Promise<SwiftReply> {
    const { type, body } = publishForm(made, parts)
    const headers = {
      'content-type': type,
      prefer: 'respond-async',
      ...(parts.signature && { 'x-swift-package-signature-format': parts.signatureFormat ?? 'cms-1.0.0' }),
    }
    return this.request('PUT', pathOf(made), headers, body)
  }

  /** The status that comes before the body has been sent: 100 where the server would like to have it. */
  expectContinue(made: SwiftPackage, token: string | undefined): Promise<number> {
    const { type, body } = publishForm(made, {})
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    const request = sendRequest(new URL(pathOf(made), this.endpoint), {
      method: 'PUT',
      headers: {
        expect: '100-continue',
        'content-type': type,
        'content-length': body.length,
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
    })
    request.on('continue', () => resolve(100))
    request.on('response', (response) => resolve(response.statusCode ?? 0))
    request.on('error', reject)
    request.flushHeaders()
    return promise.finally(() => request.destroy())
  }
}

function suffixOf(path: string): string {
  if (path.endsWith('.zip')) return 'zip'
  return path.includes('/Package.swift') ? 'swift' : 'json'
}

/** `mona/LinkedList/1.0.0` */
export function pathOf({ id, version }: { readonly id: string; readonly version: string }): string {
  return `${id.replace('.', '/')}/${version}`
}

/** Part by part what SwiftPM sends, its wrong label of the metadata included. */
export function publishForm(
  { bytes, metadata: described }: SwiftPackage,
  { metadata = described && JSON.stringify(described), signature, metadataSignature }: PublishParts,
): { type: string; body: Buffer } {
  const boundary = 'F5C3F2A1-3A6B-4E43-9C2B-7F1F0D8E0A11'
  const part = (name: string, type: string, encoding: string, content: Buffer | string) => [
    `\r\n--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n`,
    `Content-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`,
    content,
  ]
  const pieces = [
    ...part('source-archive', 'application/zip', 'binary', bytes),
    ...(signature ? part('source-archive-signature', 'application/octet-stream', 'binary', signature) : []),
    ...(metadata === undefined ? [] : part('metadata', 'application/json', 'quoted-printable', metadata)),
    ...(metadataSignature ? part('metadata-signature', 'application/octet-stream', 'binary', metadataSignature) : []),
    `\r\n--${boundary}--\r\n`,
  ]
  return {
    type: `multipart/form-data;boundary="${boundary}"`,
    body: Buffer.concat(pieces.map((piece) => Buffer.from(piece))),
  }
}
