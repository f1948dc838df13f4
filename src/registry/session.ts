import type { Readable, Writable } from 'node:stream'
import type { Caller } from '../access/principal.ts'
import type { AddressedAs, ByteRange } from '../storage/blobs/blob-store.ts'
import type { Advisory, AdvisoryBook } from './advisories.ts'
import type { Catalogue, CatalogueRules } from './catalogue.ts'
import type { AssetSource } from './format.ts'
import type { Asset, Repository, VersionFacts, VersionStatus } from './model.ts'
import type { PackageName } from './names.ts'
import type { HeldThing } from './held.ts'
import type { UpstreamAsset, UpstreamSource } from './upstream.ts'
import type { PackageView } from './view.ts'

/**
 * The registry narrowed to one principal, one repository and one format: all that a format's routes ever see. Every
 * method checks its own IAM action first, so that no handler can forget to.
 */
export interface RepositorySession {
  readonly caller: Caller
  readonly repository: Repository

  /** ReadFromRepository, and nothing else: for requests that need no package, as ping and whoami. */
  authorizeRead(): void

  /** ReadFromRepository. The package as this repository sees it; throws `missing` when nobody has it. */
  view(name: PackageName): Promise<PackageView>

  /**
   * ReadFromRepository. An index ready to send: rendered at most once for as long as nothing it was made from changes.
   * `key` says which rendering it is (`full`), and must name whatever else `render` depends on (the endpoint).
   */
  index(name: PackageName, key: string, render: RenderIndex): ReadyIndex | Promise<ReadyIndex>

  /** ReadFromRepository. Finds, fetches and retains as resolution says; throws `missing`. */
  openAsset(name: PackageName, version: string, asset: string): OpenedAsset | Promise<OpenedAsset>

  /**
   * ReadFromRepository. Where an asset is, without fetching or retaining it: for what is told about assets, as the
   * metadata beside a Python wheel. Throws `missing`.
   */
  locateAsset(name: PackageName, version: string, asset: string): Promise<LocatedAsset>

  /** PublishPackageVersion on the package, before a body is read. Throws `denied` or `conflict` (origin controls). */
  authorizePublish(name: PackageName): Promise<void>

  /** A place for an asset's bytes on their way in; dispose of it in any case. */
  stageAsset(): Promise<StagedAsset>

  /** PublishPackageVersion. */
  publish(draft: VersionDraft): Promise<PublishOutcome>

  /** PublishPackageVersion. What this repository itself holds as this version, whatever its status. */
  ownVersion(name: PackageName, version: string): Promise<OwnVersion | undefined>

  /**
   * PublishPackageVersion. Says what is wrong with an asset of a version, which can't be finished until it is cleared.
   * Only an Unfinished version of this repository's own is remembered as faulty.
   */
  reportFault(fault: AssetFault & { readonly message: string }): Promise<void>
  /** PublishPackageVersion. `finish`: as in a draft, once no asset of the version is faulty any more. */
  clearFault(fault: AssetFault, finish: VersionDraft['finish']): Promise<void>

  /**
   * PublishPackageVersion. For a publish that is answered before it is done: what `work` answers can be asked for later, here
   * and on every other process. Throws `throttled` when too many are under way.
   */
  submit(name: PackageName, version: string, work: () => Promise<unknown>): Promise<StartedSubmission>
  /** ReadFromRepository. Throws `missing`. */
  submission(id: string): Promise<Submission>

  /**
   * PutPackageMetadata. Publishes those of these versions that are Unfinished in this repository, and leaves all others
   * alone. Answers the documents of those. Throws `invalid` where one of their assets is known to be faulty.
   */
  finishVersions(name: PackageName, versions: readonly string[]): Promise<readonly unknown[]>

  /**
   * PutPackageMetadata. Makes one version stand for another that this repository holds itself: with all its assets,
   * Published, whatever it stood for before; the other is not listed any more. Throws `missing`, `conflict` for what is
   * Archived or Disposed, and `invalid` as `finishVersions`. Answers its document.
   */
  standFor(name: PackageName, stand: StandingVersion): Promise<unknown>

  /** ReadFromRepository. What the format has noted of a name in this repository itself. */
  note(name: PackageName, key: string): Promise<unknown>

  /** PutPackageMetadata on each of `about`. Of several changes at once none is lost. */
  changeNote(change: NoteChange): Promise<void>

  /**
   * PutPackageMetadata. Changes own versions' documents (a new revision each), or that of `only`; versions held elsewhere
   * are left out.
   */
  updateDocuments(
    name: PackageName,
    change: (version: string, document: unknown) => unknown,
    only?: string,
  ): Promise<void>

  /** PutPackageMetadata. `version` must be visible here; throws `missing`. */
  putTag(name: PackageName, tag: string, version: string): Promise<void>
  removeTag(name: PackageName, tag: string): Promise<void>

  /**
   * UpdatePackageVersionsStatus. Moves one version from one status to another, as a client that yanks does; nothing happens
   * where it has been moved already. Throws `missing` for a version that this repository does not hold itself, `conflict`
   * when it has any other status.
   */
  moveVersion(name: PackageName, version: string, move: StatusMove): Promise<void>

  /** DeletePackageVersions. Throws `missing` for a version that this repository does not hold itself. */
  deleteVersions(name: PackageName, versions: readonly string[]): Promise<void>

  /** ReadFromRepository. Packages that this repository holds itself, by name; newest listed version of each. */
  search(query: SearchQuery): Promise<SearchResult>

  /**
   * ReadFromRepository. The next names, in order, of packages with a Published version here or in a repository behind
   * this one; from the first on without `after`; none when there are no more.
   */
  packageNames(after: PackageName | undefined): Promise<readonly PackageName[]>

  /**
   * ReadFromRepository. All packages of the format here, in repositories behind this one and in the catalogues of external
   * connections, as one text that only grows; kept ready. `rules` must be the same every time for one name of theirs.
   */
  catalogue(rules: CatalogueRules): Promise<Catalogue>

  /** By the registry's clock. Unit: ms since 1970. */
  now(): number

  /** ReadFromRepository. Of these names, by `packageKey`: those published inside, which nobody outside need hear of. */
  internalNames(names: readonly PackageName[]): Promise<ReadonlySet<string>>

  /**
   * ReadFromRepository. What is known here of vulnerabilities of packages of this format, by `packageKey`; packages without
   * any are left out. Undefined when nobody has imported what is known of the format.
   */
  advisories(names: readonly PackageName[]): Promise<ReadonlyMap<string, readonly Advisory[]> | undefined>

  /** ReadFromRepository. All of it, kept ready by whoever asks; undefined as above. */
  advisoryBook(): Promise<AdvisoryBook | undefined>

  /** ReadFromRepository. The external connections of this format that a read here can reach, nearest first. */
  reachableSources(): Promise<readonly UpstreamSource[]>
}

/** A rendering of an index. Pure, so that it can be kept. */
export type RenderIndex = (view: PackageView) => RenderedIndex
export interface RenderedIndex {
  readonly contentType: string
  readonly body: string | Buffer
  /** Further headers of its answers, for formats that say something beside the document. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface ReadyIndex {
  readonly contentType: string
  /** Weak; from the bytes, so that every process gives the same. */
  readonly etag: string
  readonly lastModified: number
  readonly identity: Buffer
  /** Undefined where compressing does not pay. */
  readonly gzip: Buffer | undefined
  /** True when an upstream could not be asked and this is what it last said. */
  readonly isStale: boolean
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Rules hold every version, and the format tells its clients so in the index itself. */
  readonly held?: HeldThing
}

export interface OpenedAsset {
  readonly asset: Pick<Asset, 'name'> & Partial<Asset>
  /** Undefined while the asset is still being fetched from an upstream that did not say. */
  readonly sizeBytes: number | undefined
  /** SHA-256 in quotes; undefined while the asset is still being fetched. */
  readonly etag: string | undefined
  readonly publishedAt: number
  /** All of it, or a range within its size; a buffer when it is small and at hand. */
  read(range?: ByteRange): Buffer | Promise<Readable | Buffer>
  /** Where else anybody can read it for a moment, if anywhere. See `BlobStore.addressOf`. */
  address?(as: AddressedAs): Promise<string | undefined>
}

/** `offered`: nobody in the domain holds it, and `source` does; `document` is what its index says of the version. */
export type LocatedAsset =
  | { readonly kind: 'stored'; readonly opened: OpenedAsset }
  | {
      readonly kind: 'offered'
      readonly source: UpstreamSource
      readonly asset: UpstreamAsset
      readonly document: unknown
    }

export interface StagedAsset extends AsyncDisposable {
  readonly writable: Writable
  /** Once written to its end: size and digests. */
  sealed(): Promise<Omit<Asset, 'name'>>
  /** For inspection, once written to its end. */
  source(name: string): AssetSource
}

/** One version on its way in, or further assets of one that stands. */
export interface VersionDraft {
  readonly name: PackageName
  readonly version: string
  /** Unfinished: more assets are to come before anybody may have it. Never takes back that a version is Published. */
  readonly status: 'Published' | 'Unfinished'
  readonly document: unknown
  readonly facts: VersionFacts
  readonly readme: string | undefined
  readonly assets: readonly { readonly name: string; readonly staged: StagedAsset }[]
  readonly tags: readonly string[]
  /** Tags that the version gets only where nothing else has them, as npm's `latest`. */
  readonly tagsIfAbsent: readonly string[]
  /**
   * `when quiet`: an Unfinished version becomes Published by itself when nothing has come for a while, for clients that
   * never say that they are done; for callers with PutPackageMetadata only, who could say so. When told unless said.
   */
  readonly finish?: 'when quiet' | undefined
}

/** A version as this repository holds it. */
export interface OwnVersion {
  readonly status: VersionStatus
  readonly document: unknown
  readonly assets: readonly Asset[]
}

/** A publish that goes on behind its answer. */
export interface StartedSubmission {
  readonly id: string
  /** What its work answers, or throws. */
  readonly done: Promise<unknown>
}

/** What has come of a publish that was answered before it was done. */
export interface Submission {
  readonly name: PackageName
  readonly version: string
  /** `failed`: in a way that nobody expected, or its process is gone. */
  readonly state: 'pending' | 'done' | 'failed'
  /** What its work answered. */
  readonly outcome: unknown
}

/** Something that a format notes of a name, which need not be a package's. */
export interface NoteChange {
  readonly name: PackageName
  readonly key: string
  /** What it becomes, given what was noted before, if anything was. May run more than once. */
  readonly change: (before: unknown) => unknown
  /** The packages that it says something of. */
  readonly about: readonly PackageName[]
}

export interface AssetFault {
  readonly name: PackageName
  readonly version: string
  readonly asset: string
}

export interface StandingVersion {
  readonly version: string
  /** The version that it stands for. */
  readonly for: string
  /** Added to the other's document. */
  readonly document: unknown
}

export interface PublishOutcome {
  /** `extended`: it stood, and has further assets now. `unchanged`: it was there with the same bytes, as after a retry. */
  readonly kind: 'created' | 'extended' | 'unchanged'
  readonly revision: string
  readonly status: VersionStatus
}

/** The status that a version must have, and the one that it gets. */
export interface StatusMove {
  readonly from: 'Published' | 'Unlisted'
  readonly to: 'Published' | 'Unlisted'
}

export interface SearchQuery {
  /** Words that must all occur in the native name, in any case; '' matches everything. */
  readonly text: string
  readonly from: number
  readonly size: number
}

export interface SearchResult {
  readonly total: number
  readonly packages: readonly SearchHit[]
}

export interface SearchHit {
  readonly name: PackageName
  readonly version: string
  readonly publishedAt: number
  readonly document: unknown
}
