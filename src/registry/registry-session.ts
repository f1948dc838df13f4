import { packageArn } from '../access/arns.ts'
import { AccessDeniedError } from '../access/authorize.ts'
import type { Caller } from '../access/principal.ts'
import { type Catalogue, type CatalogueRules, type Catalogues, sourcesOf } from './catalogue.ts'
import { RegistryError } from './errors.ts'
import { HeldError } from './held.ts'
import type { IndexCache } from './index-cache.ts'
import { type Advisory, type AdvisoryBook, findAdvisories } from './advisories.ts'
import { findInternalNames } from './internal-names.ts'
import { versionMissing } from './missing.ts'
import type { Repository } from './model.ts'
import type { PackageName } from './names.ts'
import { changeNote, readNote } from './notes.ts'
import { moveVersion } from './move-version.ts'
import { listNames } from './package-names.ts'
import type { RegistryParts } from './parts.ts'
import { addressOf } from './place.ts'
import { checkPublishAllowed, publish } from './publish.ts'
import type { AssetReader } from './read-asset.ts'
import type { Place } from './resolve.ts'
import { search } from './search.ts'
import type {
  AssetFault,
  LocatedAsset,
  NoteChange,
  OpenedAsset,
  OwnVersion,
  PublishOutcome,
  ReadyIndex,
  RenderIndex,
  RepositorySession,
  SearchQuery,
  SearchResult,
  StagedAsset,
  StandingVersion,
  StartedSubmission,
  StatusMove,
  Submission,
  VersionDraft,
} from './session.ts'
import { stagedAsset } from './staged-asset.ts'
import { standFor } from './standing-version.ts'
import type { Submissions } from './submissions.ts'
import { putTag, removeTag } from './tags.ts'
import { clearFault, finishVersions, readOwnVersion, reportFault } from './unfinished-versions.ts'
import { updateDocuments } from './update-documents.ts'
import type { UpstreamSource } from './upstream.ts'
import type { UpstreamIndexes } from './upstream-index.ts'
import { deleteVersions } from './version-changes.ts'
import type { PackageView } from './view.ts'
import type { ViewCache } from './view-cache.ts'

/** What all sessions share. */
export interface SessionParts {
  readonly parts: RegistryParts
  readonly indexes: UpstreamIndexes
  readonly indexCache: IndexCache
  readonly viewCache: ViewCache
  readonly assets: AssetReader
  readonly catalogues: Catalogues
  readonly submissions: Submissions
}

export class RegistrySession implements RepositorySession {
  readonly caller: Caller
  readonly #shared: SessionParts
  readonly #place: Place
  readonly #arn: string

  /** `arn` is the repository's. */
  constructor(shared: SessionParts, place: Place, { caller, arn }: { readonly caller: Caller; readonly arn: string }) {
    this.caller = caller
    this.#arn = arn
    this.#shared = shared
    this.#place = place
    if (caller.trace) caller.trace.repository = place.node.repository
  }

  get repository(): Repository {
    return this.#place.node.repository
  }

  authorizeRead(): void {
    // Opening the session has read the policies.
    authorizeRead(this.#shared.parts, this.caller, this.#arn)
  }

  async view(name: PackageName): Promise<PackageView> {
    this.#trace(name)
    this.authorizeRead()
    return this.#shared.viewCache.read(this.#place, name)
  }

  index(name: PackageName, key: string, render: RenderIndex): ReadyIndex | Promise<ReadyIndex> {
    this.#trace(name)
    this.authorizeRead()
    const ready = this.#refusable(() => this.#shared.indexCache.read(this.#place, name, key, render))
    return ready instanceof Promise ? ready.then((made) => this.#noteHeld(made)) : this.#noteHeld(ready)
  }

  openAsset(name: PackageName, version: string, asset: string): OpenedAsset | Promise<OpenedAsset> {
    this.#trace(name, version)
    this.authorizeRead()
    return this.#refusable(() => this.#shared.assets.open(this.#place, name, version, asset))
  }

  async locateAsset(name: PackageName, version: string, asset: string): Promise<LocatedAsset> {
    this.#trace(name, version)
    this.authorizeRead()
    return this.#refusable(() => this.#shared.assets.locate(this.#place, name, version, asset))
  }

  async authorizePublish(name: PackageName): Promise<void> {
    await this.#authorizePackage('PublishPackageVersion', name)
    await checkPublishAllowed(this.#shared.parts, this.#place, name)
  }

  async stageAsset(): Promise<StagedAsset> {
    const { blobs, limits } = this.#shared.parts
    return stagedAsset(await blobs.stage(this.#place.topology.domain.id), limits)
  }

  async publish(draft: VersionDraft): Promise<PublishOutcome> {
    await this.#authorizePackage('PublishPackageVersion', draft.name)
    const { parts, indexes } = this.#shared
    const finish = await this.#finishFor(draft.name, draft.finish)
    return publish(parts, indexes, this.#place, this.caller, { ...draft, finish })
  }

  async ownVersion(name: PackageName, version: string): Promise<OwnVersion | undefined> {
    await this.#authorizePackage('PublishPackageVersion', name)
    return readOwnVersion(this.#shared.parts, this.#place, name, version)
  }

  async submit(name: PackageName, version: string, work: () => Promise<unknown>): Promise<StartedSubmission> {
    await this.#authorizePackage('PublishPackageVersion', name)
    return this.#shared.submissions.start(this.#place, { name, version }, work)
  }

  async submission(id: string): Promise<Submission> {
    this.authorizeRead()
    return this.#shared.submissions.read(this.#place, id)
  }

  async reportFault(fault: AssetFault & { readonly message: string }): Promise<void> {
    await this.#authorizePackage('PublishPackageVersion', fault.name)
    await reportFault(this.#shared.parts, this.#place, fault)
  }

  async clearFault(fault: AssetFault, finish: VersionDraft['finish']): Promise<void> {
    await this.#authorizePackage('PublishPackageVersion', fault.name)
    await clearFault(this.#shared.parts, this.#place, fault, await this.#finishFor(fault.name, finish))
  }

  async finishVersions(name: PackageName, versions: readonly string[]): Promise<readonly unknown[]> {
    await this.#authorizePackage('PutPackageMetadata', name)
    return finishVersions(this.#shared.parts, this.#place, this.caller, { name, versions })
  }

  async standFor(name: PackageName, stand: StandingVersion): Promise<unknown> {
    await this.#authorizePackage('PutPackageMetadata', name)
    const { parts } = this.#shared
    return standFor({ parts, place: this.#place, name, stand }, this.caller)
  }

  async note(name: PackageName, key: string): Promise<unknown> {
    this.authorizeRead()
    return readNote(this.#shared.parts, this.#place, name, key)
  }

  async changeNote(note: NoteChange): Promise<void> {
    if (note.about.length === 0) throw new Error('a note says something of a package')
    for (const each of note.about) await this.#authorizePackage('PutPackageMetadata', each)
    await changeNote(this.#shared.parts, this.#place, this.caller, note)
  }

  async updateDocuments(
    name: PackageName,
    change: (version: string, document: unknown) => unknown,
    only?: string,
  ): Promise<void> {
    await this.#authorizePackage('PutPackageMetadata', name)
    await updateDocuments(this.#shared.parts, this.#place, this.caller, { name, version: only, change })
  }

  async putTag(name: PackageName, tag: string, version: string): Promise<void> {
    await this.#authorizePackage('PutPackageMetadata', name)
    const { parts, indexes } = this.#shared
    await putTag(parts, indexes, this.#place, this.caller, name, { tag, version })
  }

  async removeTag(name: PackageName, tag: string): Promise<void> {
    await this.#authorizePackage('PutPackageMetadata', name)
    await removeTag(this.#shared.parts, this.#place, this.caller, name, tag)
  }

  async moveVersion(name: PackageName, version: string, move: StatusMove): Promise<void> {
    await this.#authorizePackage('UpdatePackageVersionsStatus', name)
    await moveVersion(this.#shared.parts, this.caller, addressOf(this.#place, name), version, move)
  }

  async deleteVersions(name: PackageName, versions: readonly string[]): Promise<void> {
    await this.#authorizePackage('DeletePackageVersions', name)
    const address = addressOf(this.#place, name)
    const { failed } = await deleteVersions(this.#shared.parts, this.caller, { address, versions })
    const [refused] = failed.keys()
    if (refused !== undefined) throw versionMissing({ ...address, version: refused })
  }

  async search(query: SearchQuery): Promise<SearchResult> {
    this.authorizeRead()
    return search(this.#shared.parts, this.#place, query)
  }

  async packageNames(after: PackageName | undefined): Promise<readonly PackageName[]> {
    this.authorizeRead()
    return listNames(this.#shared.parts, this.#place, after)
  }

  now(): number {
    return this.#shared.parts.clock()
  }

  async internalNames(names: readonly PackageName[]): Promise<ReadonlySet<string>> {
    this.authorizeRead()
    return findInternalNames(this.#shared.parts, this.#place, names)
  }

  async catalogue(rules: CatalogueRules): Promise<Catalogue> {
    this.authorizeRead()
    return this.#shared.catalogues.read(this.#place, rules)
  }

  async advisories(names: readonly PackageName[]): Promise<ReadonlyMap<string, readonly Advisory[]> | undefined> {
    this.authorizeRead()
    return findAdvisories(this.#shared.parts.advisories, this.#place.format.id, names)
  }

  async advisoryBook(): Promise<AdvisoryBook | undefined> {
    this.authorizeRead()
    return this.#shared.parts.advisories.book(this.#place.format.id)
  }

  async reachableSources(): Promise<readonly UpstreamSource[]> {
    this.authorizeRead()
    return sourcesOf(this.#shared.parts, this.#place)
  }

  /** Whoever may approve hears of what rules refuse. */
  #refusable<T>(read: () => T | Promise<T>): T | Promise<T> {
    try {
      const found = read()
      return found instanceof Promise ? found.catch((error) => this.#noteRefusal(error)) : found
    } catch (error) {
      return this.#noteRefusal(error)
    }
  }

  #noteHeld(ready: ReadyIndex): ReadyIndex {
    if (ready.held) {
      this.#shared.parts.gates.noteRefusal(this.#place, this.caller, new HeldError(this.#place, ready.held))
    }
    return ready
  }

  #noteRefusal(error: unknown): never {
    if (error instanceof HeldError) this.#shared.parts.gates.noteRefusal(this.#place, this.caller, error)
    throw error
  }

  /** What happens by itself happens only for who could have asked for it. */
  async #finishFor(name: PackageName, finish: VersionDraft['finish']): Promise<VersionDraft['finish']> {
    if (finish === undefined) return undefined
    try {
      await this.#authorizePackage('PutPackageMetadata', name)
      return finish
    } catch (error) {
      if (error instanceof RegistryError && error.kind === 'denied') return undefined
      throw error
    }
  }

  #trace(name: PackageName, version?: string): void {
    const { trace } = this.caller
    if (!trace) return
    trace.package = name
    if (version !== undefined) trace.version = version
  }

  async #authorizePackage(action: string, name: PackageName): Promise<void> {
    this.#trace(name)
    const { domain, name: repository } = this.repository
    const { parts } = this.#shared
    await authorize(parts, this.caller, action, packageArn(parts.arns, domain, repository, name))
  }
}

/** Reads the policies that decide, where they are not at hand. Throws `denied`. */
async function authorize(parts: RegistryParts, caller: Caller, action: string, resource: string): Promise<void> {
  const preparing = parts.authorizer.prepare(resource)
  if (preparing) await preparing
  authorizePrepared(parts, caller, `codeartifact:${action}`, resource)
}

/** Throws `denied` to who may not read from a repository. Its policies must be at hand. */
export function authorizeRead(parts: RegistryParts, caller: Caller, repositoryArn: string): void {
  authorizePrepared(parts, caller, 'codeartifact:ReadFromRepository', repositoryArn)
}

/** What access refuses, in the registry's words. */
function authorizePrepared(parts: RegistryParts, caller: Caller, action: string, resource: string): void {
  try {
    parts.authorizer.authorize(caller, action, resource)
  } catch (cause) {
    if (cause instanceof AccessDeniedError) throw new RegistryError('denied', cause.message, { cause })
    throw cause
  }
}
