import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { CrateInput } from './cargo-crate.ts'
import { type Answer, type Fault, send } from './faults.ts'
import { bytesOf, makePackage, type PackageInput, tarballFile } from './npm-package.ts'
import type { NugetInput } from './nuget-package.ts'
import type { PythonInput } from './python-package.ts'
import { UpstreamCargo } from './upstream-cargo.ts'
import type { MavenInput } from './maven-package.ts'
import { UpstreamMaven } from './upstream-maven.ts'
import { UpstreamNpm } from './upstream-npm.ts'
import { UpstreamNuget } from './upstream-nuget.ts'
import { UpstreamPypi } from './upstream-pypi.ts'
import type { GemInput } from './gem-file.ts'
import { UpstreamRuby } from './upstream-ruby.ts'
import type { SwiftInput } from './swift-package.ts'
import { UpstreamSwift } from './upstream-swift.ts'

/** What ends with a test: a TestContext is one. */
export interface Lifetime {
  after(end: () => unknown): void
}

export interface UpstreamContents {
  readonly npm?: readonly PackageInput[]
  readonly pypi?: readonly PythonInput[]
  readonly cargo?: readonly (CrateInput | string)[]
  readonly nuget?: readonly (NugetInput | string)[]
  readonly maven?: readonly (MavenInput | string)[]
  readonly ruby?: readonly GemInput[]
  readonly swift?: readonly (SwiftInput | string)[]
}

export interface SeenRequest {
  readonly method: string
  /** Decoded, without the query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** 0 until it has been answered. */
  readonly status: number
}

/** Real registries of our own that somebody else might run: Packyard's upstream in tests. */
export class Upstream {
  /** With a final slash; stays the same over `stop` and `start`. */
  readonly url: string
  readonly requests: SeenRequest[] = []
  readonly pypi: UpstreamPypi
  readonly cargo: UpstreamCargo
  readonly maven: UpstreamMaven
  readonly ruby = new UpstreamRuby()
  readonly nuget: UpstreamNuget
  readonly swift: UpstreamSwift
  readonly #npm: UpstreamNpm
  readonly #faults = new Map<string, { fault: Fault; times: number }>()
  readonly #port: number
  #server: ReturnType<typeof createServer>

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server
    this.#port = (server.address() as AddressInfo).port
    this.url = `http://127.0.0.1:${this.#port}/`
    this.#npm = new UpstreamNpm(this.url)
    this.nuget = new UpstreamNuget(this.url)
    this.pypi = new UpstreamPypi(this.url)
    this.cargo = new UpstreamCargo(this.url)
    this.maven = new UpstreamMaven(this.url)
    this.swift = new UpstreamSwift(this.url)
    server.on('request', this.#onRequest)
  }

  static async start(contents: UpstreamContents): Promise<Upstream> {
    const upstream = new Upstream(await listen(createServer(), 0))
    for (const input of contents.npm ?? []) await upstream.add(input)
    for (const input of contents.pypi ?? []) upstream.pypi.add(input)
    for (const input of contents.cargo ?? []) upstream.cargo.add(input)
    for (const input of contents.nuget ?? []) upstream.nuget.add(input)
    for (const input of contents.maven ?? []) upstream.maven.add(input)
    for (const input of contents.ruby ?? []) upstream.ruby.add(input)
    for (const input of contents.swift ?? []) upstream.swift.add(input)
    return upstream
  }

  /** Publishes one more version, now visible to who asks. */
  async add(input: PackageInput): Promise<void> {
    this.#npm.add(await makePackage(input))
  }

  /** `/tiny/-/tiny-1.3.0.tgz` */
  tarballPath(name: string, version: string): string {
    return `/${name}/-/${tarballFile(name, version)}`
  }

  /** The right bytes of a version's tarball. */
  async tarball(name: string, version: string): Promise<Buffer> {
    return bytesOf(this.#npm.version(name, version))
  }

  /** From now on the path misbehaves, `times` times or until it is repaired. */
  break(path: string, fault: Fault, times = Number.POSITIVE_INFINITY): void {
    this.#faults.set(path, { fault, times })
  }

  repair(path: string): void {
    this.#faults.delete(path)
  }

  /** How often a path was asked for. */
  count(path: string): number {
    return this.requests.filter((request) => request.path === path).length
  }

  /** Cuts every connection and refuses new ones. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  /** At the same address again; nothing happens when it never stopped. */
  async restart(): Promise<void> {
    if (this.#server.listening) return
    this.#server = await listen(createServer(this.#onRequest), this.#port)
  }

  readonly #onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const path = decodeURIComponent(new URL(request.url ?? '/', this.url).pathname)
    const seen = { method: request.method ?? '', path, headers: request.headers, status: 0 }
    this.requests.push(seen)
    response.on('close', () => {
      seen.status = response.headersSent ? response.statusCode : 0
    })
    const fault = this.#takeFault(path)
    this.#answer(request, path, fault).then(
      (answer) => send(response, request.method === 'HEAD' ? { ...answer, body: Buffer.alloc(0) } : answer, fault),
      (error: unknown) => response.destroy(error as Error),
    )
  }

  async #answer(request: IncomingMessage, path: string, fault: Fault | undefined): Promise<Answer> {
    for await (const _ of request) continue
    const python = this.pypi.answer(path, request.headers)
    if (python) return python
    const gallery = this.nuget.answer(path, request.headers)
    if (gallery) return gallery
    const crate = this.cargo.answer(path, request.headers)
    if (crate) return crate
    const release = this.swift.answer(path, request.headers)
    if (release) return release
    const maven = this.maven.answer(path, request.headers)
    if (maven) return maven
    const gem = this.ruby.answer(path, request.headers)
    if (gem) return gem
    return this.#npm.answer(path, request.headers, fault?.kind === 'wrong integrity' ? 'wrong' : 'right')
  }

  #takeFault(path: string): Fault | undefined {
    const planned = this.#faults.get(path)
    if (!planned || planned.times <= 0) return undefined
    planned.times -= 1
    return planned.fault
  }
}

/** Starts an upstream with these packages; it ends with the test. */
export async function startUpstream(t: Lifetime, contents: UpstreamContents = {}): Promise<Upstream> {
  const upstream = await Upstream.start(contents)
  t.after(() => upstream.stop())
  return upstream
}

async function listen(server: ReturnType<typeof createServer>, port: number): Promise<typeof server> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return server
}
