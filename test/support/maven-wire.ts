import { createHash } from 'node:crypto'
import assert from 'node:assert/strict'
import { makeMaven, type MavenInput, metadataText, snapshotText } from './maven-package.ts'

export interface MavenReply {
  readonly status: number
  /** What stands behind the status, which is all that Maven shows. */
  readonly reason: string
  readonly headers: Headers
  readonly bytes: Buffer
  readonly text: string
}

/** Speaks the repository layout without a client, for what no client would send. */
export class MavenWire {
  readonly #endpoint: string
  readonly #token: string | undefined

  /** Without a token the requests are anonymous. */
  constructor(endpoint: string, token: string | undefined) {
    this.#endpoint = endpoint
    this.#token = token
  }

  async request(
    method: string,
    path: string,
    init: { headers?: object; body?: Buffer | string } = {},
  ): Promise<MavenReply> {
    const basic = Buffer.from(`aws:${this.#token}`).toString('base64')
    const headers = { ...(this.#token !== undefined && { authorization: `Basic ${basic}` }), ...init.headers }
    const response = await fetch(this.#endpoint + path, {
      method,
      headers: headers as Record<string, string>,
      redirect: 'manual',
      ...(init.body !== undefined && { body: new Uint8Array(Buffer.from(init.body)) }),
    })
    const bytes = Buffer.from(await response.arrayBuffer())
    const { status, statusText: reason } = response
    return { status, reason, headers: response.headers, bytes, text: bytes.toString() }
  }

  get(path: string, headers: object = {}): Promise<MavenReply> {
    return this.request('GET', path, { headers })
  }

  async put(path: string, body: Buffer | string): Promise<number> {
    return (await this.request('PUT', path, { body })).status
  }

  /** A file with the checksums that Maven sends. */
  async putFile(path: string, body: Buffer): Promise<void> {
    assert.ok([200, 201].includes(await this.put(path, body)), path)
    for (const algorithm of ['sha1', 'md5']) {
      const sum = createHash(algorithm).update(body).digest('hex')
      assert.equal(await this.put(`${path}.${algorithm}`, sum), 200, `${path}.${algorithm}`)
    }
  }

  /** A whole release as Maven deploys it; the version is Published then. */
  async deploy(input: MavenInput | string): Promise<void> {
    const { group, artifact, version, files } = makeMaven(input)
    for (const [path, body] of files) await this.putFile(path, body)
    const metadata = Buffer.from(metadataText(group, artifact, [version]))
    await this.putFile(`${group.replaceAll('.', '/')}/${artifact}/maven-metadata.xml`, metadata)
  }

  /** One build of a snapshot as Maven deploys it. `content` tells builds apart. */
  async deploySnapshot(coordinates: string, timestamp: string, buildNumber: number): Promise<void> {
    const [group = '', artifact = '', version = ''] = coordinates.split(':')
    const folder = `${group.replaceAll('.', '/')}/${artifact}/${version}`
    const build = `${version.replace('SNAPSHOT', timestamp)}-${buildNumber}`
    const { files } = makeMaven({ coordinates, files: { '.jar': `${coordinates} ${build}` } })
    for (const [path, body] of files) {
      await this.putFile(path.replace(`${artifact}-${version}`, `${artifact}-${build}`), body)
    }
    await this.putFile(
      `${folder}/maven-metadata.xml`,
      Buffer.from(snapshotText(coordinates, { timestamp, buildNumber })),
    )
    const metadata = Buffer.from(metadataText(group, artifact, [version]))
    await this.putFile(`${group.replaceAll('.', '/')}/${artifact}/maven-metadata.xml`, metadata)
  }
}
