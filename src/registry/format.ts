import type { Readable } from 'node:stream'
import type { AdvisoryNames } from './advisories.ts'
import type { VersionFacts } from './model.ts'
import type { FormatId, NameRules } from './names.ts'
import type { UpstreamReader } from './upstream.ts'

/** An asset's bytes while they are staged or once they are stored; may be opened more than once. */
export interface AssetSource {
  readonly name: string
  readonly sizeBytes: number
  /** From its first byte on, or from `start`; whoever has enough destroys it. */
  open(start?: number): Readable
}

/** What an asset says of the version it belongs to. */
export interface Inspection {
  /** The format's own description, as npm's `package.json`. */
  readonly document: unknown
  readonly readme: string | undefined
}

/** The part of a format that the registry itself calls; `formats/format.ts` adds what the edges need. */
export interface RegistryFormat {
  /** `format` in every CodeArtifact operation, and the endpoint's path segment. */
  readonly id: FormatId
  /** May PublishPackageVersion be used? In AWS only `generic` says yes. */
  readonly publishOperation: 'accepted' | 'refused'
  readonly names: NameRules
  /**
   * Whether a version that stands may get further assets: never (npm), at any time (PyPI's wheels, Maven's classifiers),
   * or until it is Published (generic). An asset that stands never changes.
   */
  readonly growth: 'fixed' | 'growing' | 'until published'
  /** `ignored`: a repository has only what was published or copied into it. Followed unless said. */
  readonly upstreams?: 'ignored'
  /**
   * Versions whose assets may be published again with other bytes, as Maven's snapshots. Nothing keeps one of another
   * repository: it is read from there each time. None unless said.
   */
  isMutable?(version: string): boolean
  /**
   * `shown`: an index of which rules hold every version is sent, as its clients print no reason for a refused one, and the
   * index itself says why. Refused unless said.
   */
  readonly heldIndex?: 'shown'
  /** The version that this one is a build of, as Maven's `1.0-SNAPSHOT`. No version is one unless said. */
  snapshotOf?(version: string): string | undefined
  /** Keys of the notes that indexes are made from, beside versions. */
  readonly indexedNotes?: readonly string[]
  /** Facts from the version's own document; pure, and total on documents that `inspect` or an upstream gave. */
  facts(document: unknown): VersionFacts
  /** Reads an asset itself, never trusting its name; undefined when it has nothing to say. Throws `invalid`. */
  inspect(asset: AssetSource): Promise<Inspection | undefined>
  /** What a version's stored document becomes when further assets come with `added`; the stored one unless said. */
  mergeDocuments?(stored: unknown, added: unknown): unknown
  /** What a version's stored document becomes when its upstream says `current` of it now, as npm's `deprecated`. */
  refreshDocument?(stored: unknown, current: unknown): unknown
  /** How databases of vulnerabilities speak of its packages; not at all unless said. */
  readonly advisories?: AdvisoryNames
  /** How several licences of one version are meant; all of them at once unless said. */
  readonly severalLicences?: 'any of them' | 'all of them'
  /** How to read someone else's repository of this format. A format without one leaves it out. */
  readonly upstream?: UpstreamReader
}
