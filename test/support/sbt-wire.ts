import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'

/** As coursier reads a challenge: nothing may stand before or behind the realm. Source: coursier, `CacheUrl`. */
const basicRealm = /^Basic realm="([^"]*)"$/

/** Speaks as sbt does: coursier resolves, Ivy publishes; credentials are found by realm and host. */
export class SbtWire {
  readonly #endpoint: string
  readonly #realm: string
  readonly #token: string
  /** The status of every answer, in order. */
  readonly statuses: number[] = []

  /** `realm` as `credentials += Credentials(realm, host, user, password)` has it. */
  constructor(endpoint: string, realm: string, token: string) {
    this.#endpoint = endpoint
    this.#realm = realm
    this.#token = token
  }

  /** A module by its POM and its jar, each checked by its SHA-1; undefined where there is no such module. */
  async resolve(coordinates: string): Promise<{ readonly pom: Buffer; readonly jar: Buffer } | undefined> {
    const base = pathOf(coordinates)
    const pom = await this.#checked(`${base}.pom`)
    const jar = pom && (await this.#checked(`${base}.jar`))
    return pom && jar && { pom, jar }
  }

  /** Versions from the metadata; without one coursier looks for a listing of the folder. */
  async versions(group: string, artifact: string): Promise<readonly string[]> {
    const folder = `${group.replaceAll('.', '/')}/${artifact}/`
    const reply = await this.request('GET', `${folder}maven-metadata.xml`)
    if (reply.status === 404) {
      assert.equal((await this.request('GET', folder)).status, 404, 'a listing is not served')
      return []
    }
    return [...reply.bytes.toString().matchAll(/<version>(.*?)</g)].map(([, version = '']) => version)
  }

  /** The rest of a file of which `had` bytes came before the connection broke. */
  async resume(path: string, had: number): Promise<Buffer> {
    const reply = await this.request('GET', path, { headers: { range: `bytes=${had}-` } })
    assert.equal(reply.status, 206)
    assert.ok(reply.headers.get('content-range')?.startsWith(`bytes ${had}-`))
    return reply.bytes
  }

  /** A release that is there is not sent again: Ivy looks for every file before it sends it. Nobody sends metadata. */
  async publish(coordinates: string, files: Readonly<Record<string, Buffer>>): Promise<void> {
    for (const [suffix, body] of Object.entries(files)) {
      const path = `${pathOf(coordinates)}${suffix}`
      const isThere = (await this.request('HEAD', path)).status === 200
      if (isThere && !coordinates.endsWith('-SNAPSHOT')) throw new Error(`destination file exists: ${path}`)
      for (const [file, bytes] of [[path, body] as const, ...sumsOf(path, body)]) {
        const { status, reason } = await this.request('PUT', file, { body: bytes })
        if (status !== 200 && status !== 201) throw new Error(`${status} ${reason}`)
      }
    }
  }

  /** First as nobody; again, with what belongs to the realm that the server names. */
  async request(method: string, path: string, init: { headers?: Record<string, string>; body?: Buffer } = {}) {
    // coursier sends an empty one on purpose.
    const headers = { 'user-agent': '', accept: '*/*', ...init.headers }
    const first = await this.#send(method, path, headers, init.body)
    if (first.status !== 401) return first
    const [, realm] = basicRealm.exec(first.headers.get('www-authenticate') ?? '') ?? []
    if (realm !== this.#realm) return first
    const authorization = `Basic ${Buffer.from(`aws:${this.#token}`).toString('base64')}`
    return this.#send(method, path, { ...headers, authorization }, init.body)
  }

  async #send(method: string, path: string, headers: Record<string, string>, body: Buffer | undefined) {
    const sent = { method, headers, ...(body && { body: new Uint8Array(body) }) }
    const response = await fetch(this.#endpoint + path, sent)
    const bytes = Buffer.from(await response.arrayBuffer())
    this.statuses.push(response.status)
    return { status: response.status, reason: response.statusText, headers: response.headers, bytes }
  }

  async #checked(path: string): Promise<Buffer | undefined> {
    const reply = await this.request('GET', path)
    if (reply.status === 404) return undefined
    assert.equal(reply.status, 200, path)
    const sum = await this.request('GET', `${path}.sha1`)
    assert.equal(sum.bytes.toString(), createHash('sha1').update(reply.bytes).digest('hex'), path)
    return reply.bytes
  }
}

/** `com/acme/x_3/1.0/x_3-1.0` */
function pathOf(coordinates: string): string {
  const [group = '', artifact = '', version = ''] = coordinates.split(':')
  return `${group.replaceAll('.', '/')}/${artifact}/${version}/${artifact}-${version}`
}

function sumsOf(path: string, body: Buffer): (readonly [string, Buffer])[] {
  return ['sha1', 'md5'].map((name) => [`${path}.${name}`, Buffer.from(createHash(name).update(body).digest('hex'))])
}
