import type { Readable } from 'node:stream'
import type { Call } from '../http/call.ts'
import type { PackageCall } from './format.ts'

/** A call with what its route says. */
export class EndpointCall implements PackageCall {
  readonly params: Readonly<Record<string, string>>
  readonly endpoint: string
  readonly #call: Call
  readonly #redirectable: RegExp | undefined

  constructor(
    call: Call,
    params: Readonly<Record<string, string>>,
    endpoint: string,
    redirectable: RegExp | undefined,
  ) {
    this.#redirectable = redirectable
    this.#call = call
    this.params = params
    this.endpoint = endpoint
  }

  get isRedirectable(): boolean {
    return this.#redirectable?.test(this.#call.header('user-agent') ?? '') === true
  }

  get id(): string {
    return this.#call.id
  }

  get method(): string {
    return this.#call.method
  }

  get path(): string {
    return this.#call.path
  }

  get query(): string {
    return this.#call.query
  }

  get rawHeaders(): readonly string[] {
    return this.#call.rawHeaders
  }

  get body(): Readable {
    return this.#call.body
  }

  get signal(): AbortSignal {
    return this.#call.signal
  }

  get remoteAddress(): string {
    return this.#call.remoteAddress
  }

  get origin(): string {
    return this.#call.origin
  }

  header(name: string): string | undefined {
    return this.#call.header(name)
  }

  log(fields: Readonly<Record<string, string | number>>): void {
    this.#call.log(fields)
  }
}
