import { Readable } from 'node:stream'

export interface NugetReply {
  readonly status: number
  /** What stands behind the status: all that the client prints. */
  readonly reason: string
  readonly headers: Headers
  readonly bytes: Buffer
  text(): string
  json(): NugetJson
}

/** What tests look at, of any of the documents. */
export interface NugetJson {
  readonly [field: string]: unknown
  readonly '@id'?: string
  readonly resources?: readonly { readonly '@id': string; readonly '@type': string }[]
  readonly versions?: readonly string[]
  readonly items?: readonly NugetJson[]
  readonly data?: readonly (NugetJson & string)[]
  readonly totalHits?: number
  readonly catalogEntry?: NugetJson
}

/** Speaks to an endpoint as clients do: headers, order and forms are theirs. */
export class NugetWire {
  readonly endpoint: string
  readonly #token: string | undefined

  constructor(endpoint: string, token: string | undefined) {
    this.endpoint = endpoint
    this.#token = token
  }

  get(path: string, headers: Record<string, string> = {}): Promise<NugetReply> {
    return this.request('GET', path, headers)
  }

  async json(path: string): Promise<NugetJson> {
    const reply = await this.get(path)
    if (reply.status !== 200) throw new Error(`${path}: ${reply.status} ${reply.reason}`)
    return reply.json()
  }

  async request(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: Buffer | Readable,
  ): Promise<NugetReply> {
    const credentials = Buffer.from(`aws:${this.#token}`).toString('base64')
    const response = await fetch(new URL(path, this.endpoint), {
      method,
      redirect: 'manual',
      headers: {
        'user-agent': 'NuGet .NET Core MSBuild Task/7.0.0',
        'accept-encoding': 'gzip, deflate',
        ...(this.#token !== undefined && { authorization: `Basic ${credentials}` }),
        ...headers,
      },
      ...(body && { body: body as unknown as ReadableStream, duplex: 'half' as const }),
    })
    const bytes = Buffer.from(await response.arrayBuffer())
    return {
      status: response.status,
      reason: response.statusText,
      headers: response.headers,
      bytes,
      text: () => bytes.toString(),
      json: () => JSON.parse(bytes.toString()) as NugetJson,
    }
  }

  /** As the client does it: to the address with a slash behind it, in pieces, without saying how much will come. */
  push(bytes: Buffer, { to = 'v3/package/', headers = {} }: { to?: string; headers?: Record<string, string> } = {}) {
    const { type, body } = pushForm(bytes)
    const all = { 'x-nuget-client-version': '7.0.0', 'content-type': type, ...headers }
    return this.request('PUT', to, all, Readable.from(pieces(body)))
  }
}

/** Byte for byte what the client sends: a quoted boundary, and parameters without quotes. */
export function pushForm(bytes: Buffer): { type: string; body: Buffer } {
  const boundary = '6c1fa45c-9e5b-4b2c-a7b6-2f2b7a3a4f10'
  const head = [
    `--${boundary}`,
    'Content-Type: application/octet-stream',
    "Content-Disposition: form-data; name=package; filename=package.nupkg; filename*=utf-8''package.nupkg",
    '',
    '',
  ].join('\r\n')
  const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)])
  return { type: `multipart/form-data; boundary="${boundary}"`, body }
}

function* pieces(body: Buffer): Generator<Buffer> {
  for (let at = 0; at < body.length; at += 10_000) yield body.subarray(at, at + 10_000)
}
