import type { Readable } from 'node:stream'
import type { PackageName } from './names.ts'

/** A place outside that packages come from: an external connection with its configured address. */
export interface UpstreamSource {
  /** `public:npmjs` */
  readonly name: string
  readonly url: URL
  /** How long an index is believed without asking again. Unit: ms. */
  readonly indexTtlMs: number
  /** `later`: an old index is still given to whoever finds it old, and asked for again meanwhile. At once unless said. */
  readonly refresh?: 'now' | 'later' | undefined
  /**
   * One request, with the operator's headers and credentials (to this source's own host only), time-outs, retries of
   * what may be repeated, and a guard against addresses that the operator did not allow. Redirects are followed.
   * Throws an error whose `isUpstreamFailure` is true when no answer could be had; any status is an answer, except that 5xx and
   * 429 are failures too once retries are used up.
   */
  request(request: UpstreamRequest): Promise<UpstreamResponse>
}

export interface UpstreamRequest {
  /** Absolute, or relative to `source.url`. */
  readonly url: string | URL
  readonly method?: 'GET' | 'HEAD' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly signal?: AbortSignal
}

export interface UpstreamResponse {
  readonly status: number
  /** Where the answer came from in the end, redirects followed: what is relative in it is relative to this. */
  readonly url: URL
  header(name: string): string | undefined
  /** Decoded when it came with a content coding. Must be read or destroyed. */
  readonly body: Readable
  /** The whole body; throws when it is larger. */
  bytes(limitBytes: number): Promise<Buffer>
}

/** What an upstream gave with an index, to ask next time whether it has changed. */
export interface Validators {
  readonly etag?: string
  readonly lastModified?: string
}

export type UpstreamIndex =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'missing' }
  /** `document` is kept as it is and given to `parsePackage`, now and after every restart. */
  | { readonly kind: 'changed'; readonly document: Buffer; readonly validators: Validators }

/** How to read someone else's repository of one format. Pure but for `source.request`. */
export interface UpstreamReader {
  /** `kept` is the document that was given last time, for upstreams that can be asked for no more than what is new. */
  readIndex(
    source: UpstreamSource,
    name: PackageName,
    seen: Validators | undefined,
    kept?: Buffer,
  ): Promise<UpstreamIndex>
  /** Throws on a document that makes no sense; versions that make none are left out. */
  parsePackage(document: Buffer, name: PackageName): UpstreamPackage
  openAsset(source: UpstreamSource, asset: UpstreamAsset): Promise<UpstreamResponse>
  /**
   * For formats whose indexes do not tell every asset, nor perhaps every version: where this asset would be if there is
   * one, and what it would belong to. Undefined for what is never taken from outside.
   */
  offer?(source: UpstreamSource, name: PackageName, version: string, asset: string): UpstreamOffer | undefined
  /**
   * For formats whose indexes do not tell when a version was published: what a file of it says. Undefined when it says
   * nothing. Unit: ms since 1970. Throws when it can't be asked.
   */
  readPublishedAt?(source: UpstreamSource, name: PackageName, version: string): Promise<number | undefined>
  /**
   * The asset that says what a version is, where others may be fetched without it: it is kept with the first of them.
   */
  speakingAsset?(name: PackageName, version: string): string
  /**
   * For formats whose indexes do not tell digests: what the upstream says of them elsewhere; asked while the asset comes.
   * Empty when it says nothing. Throws when it can't be asked.
   */
  readDigests?(source: UpstreamSource, asset: UpstreamAsset, response: UpstreamResponse): Promise<Digests>
}

export interface UpstreamOffer {
  /** Without assets. */
  readonly version: UpstreamVersion
  readonly asset: UpstreamAsset
}

/** Lower-case hexadecimal; the strongest one given is checked. */
export type Digests = { readonly [algorithm in 'sha512' | 'sha256' | 'sha1' | 'md5']?: string }

export interface UpstreamPackage {
  readonly versions: ReadonlyMap<string, UpstreamVersion>
  readonly tags: ReadonlyMap<string, string>
  /** What the format keeps of the package as a whole; its own business. */
  readonly document: unknown
}

export interface UpstreamVersion {
  readonly version: string
  /** When the upstream published it. Unit: ms since 1970. Undefined when it does not say. */
  readonly publishedAt: number | undefined
  /** The format's own description of the version, as npm's manifest. */
  readonly document: unknown
  readonly assets: readonly UpstreamAsset[]
}

export interface UpstreamAsset {
  /** The asset's name in Packyard, as `package.tgz`. */
  readonly name: string
  readonly url: string
  /** Empty when the upstream gives none. */
  readonly digests: Digests
  readonly sizeBytes?: number
}

/** Says of an error that it came from a request to an upstream, whichever layer threw it. */
export function isUpstreamFailure(error: unknown): boolean {
  return error instanceof Error && 'isUpstreamFailure' in error && error.isUpstreamFailure === true
}
