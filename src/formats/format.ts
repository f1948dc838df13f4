import type { Call, Method, Reply } from '../http/call.ts'
import type { RegistryError } from '../registry/errors.ts'
import type { RegistryFormat } from '../registry/format.ts'
import type { RepositorySession } from '../registry/session.ts'

/** Everything Packyard knows about one package format. Data and functions; no state of its own. */
export interface Format extends RegistryFormat {
  /** The surface the native client speaks; first match wins. */
  readonly routes: readonly Route[]
  /** A header, in lower case, in which its clients may show the token instead of `Authorization`. */
  readonly tokenHeader?: string
  /**
   * User agents of clients that follow a redirect to another host, and do not show that one the token. Others get every
   * byte from us.
   */
  readonly redirectable?: RegExp
  /** The error body this client will show to a person. */
  renderError(error: RegistryError, call: Call): Reply
  /**
   * The challenge of a 401; undefined where it would hide the message from the client. `origin` is the server's address as
   * the client used it, without a final slash.
   */
  challenge(realm: string, origin: string): string | undefined
  /** What a person pastes to use the endpoint; printed by the console and the CLI. */
  setup(endpoint: URL): readonly SetupStep[]
}

export interface SetupStep {
  readonly title: string
  /** Lines to paste into a shell, or the text of the file named by `file`. */
  readonly text: string
  readonly file?: string
}

/** `:name` takes one segment, `:name*` all that are left; everything else must be equal. */
export interface Route {
  readonly method: Method
  /** Below the repository's endpoint, as `/:package/-/:file`. */
  readonly path: `/${string}`
  handle(call: PackageCall, repository: RepositorySession): Promise<Reply> | Reply
}

/** A call on a package endpoint whose route is known. */
export interface PackageCall extends Call {
  /** The route's parameters, percent-decoded once. */
  readonly params: Readonly<Record<string, string>>
  /** The endpoint the client used, with its final slash: `http://127.0.0.1:8686/npm/d/acme-111122223333/team/`. */
  readonly endpoint: string
  /** The client may be sent to another host for the bytes of an asset. */
  readonly isRedirectable: boolean
}
