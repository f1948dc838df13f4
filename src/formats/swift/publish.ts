import type { Readable } from 'node:stream'
import { HttpError, type Reply } from '../../http/call.ts'
import { RegistryError, refused } from '../../registry/errors.ts'
import type { PackageName } from '../../registry/names.ts'
import type { RepositorySession, StagedAsset, VersionDraft } from '../../registry/session.ts'
import type { ViewVersion } from '../../registry/view.ts'
import type { PackageCall } from '../format.ts'
import type { JsonObject } from '../json.ts'
import { toldSpelling } from './documents.ts'
import { readFacts } from './facts.ts'
import { type PublishForm, receiveForm } from './form.ts'
import { type ArchiveContents, readArchive } from './inspect.ts'
import { parseMetadata } from './metadata.ts'
import {
  ARCHIVE_ASSET,
  ARCHIVE_SIGNATURE_ASSET,
  METADATA_ASSET,
  METADATA_SIGNATURE_ASSET,
  packageOf,
  parseNewVersion,
  releaseAddress,
  swiftNames,
} from './names.ts'
import { type ReleaseDocument, type ReleaseSignature, readRelease } from './release.ts'
import { checkVersion, created } from './replies.ts'
import { checkSignature, SIGNATURE_FORMAT } from './signature.ts'
import { submit, waitOf } from './submissions.ts'

/** What a publish is about. */
interface Announced {
  readonly name: PackageName
  /** As it is written in the address. */
  readonly id: string
  readonly version: string
}

/**
 * `PUT {scope}/{name}/{version}`. Who may, and whether there is room for it, is asked before the body is: a client that waits
 * for leave to send it learns at once. Source: Swift Package Registry Service Specification, 4.6.
 */
export async function publish(call: PackageCall, session: RepositorySession): Promise<Reply> {
  checkVersion(call)
  const announced = readAddress(call)
  await session.authorizePublish(announced.name)
  await checkNew(session, announced)
  const signatureFormat = call.header('x-swift-package-signature-format')
  const location = releaseAddress(call.endpoint, announced.id, announced.version)
  await using receiving = new AsyncDisposableStack()
  const form = await unprocessable(() =>
    receiveForm(call.body, call.header('content-type') ?? '', () => session.stageAsset()),
  )
  receiving.use(form)
  const waitMs = waitOf(call.header('prefer'))
  if (waitMs === undefined) {
    await unprocessable(() => publishForm(session, announced, form, signatureFormat))
    return created(location)
  }
  const work = async () => {
    // Begins before this call is answered, and takes what was received along.
    await using _ = receiving.move()
    await unprocessable(() => publishForm(session, announced, form, signatureFormat))
  }
  return await submit(call, session, { ...announced, location, waitMs, work })
}

function readAddress(call: PackageCall): Announced {
  const { scope = '', name = '', version = '' } = call.params
  const announced = { name: packageOf(scope, name), id: `${scope}.${name}`, version: parseNewVersion(version) }
  call.log({ 'package.name': swiftNames.show(announced.name), 'package.version': announced.version })
  return announced
}

/** Throws `conflict` for a release that stands, and for a name that stands in another spelling: they are one package. */
async function checkNew(session: RepositorySession, { name, id, version }: Announced): Promise<void> {
  const own = await session.ownVersion(name, version)
  if (own) {
    const what = `release ${version} of ${readRelease(own.document).id ?? id}`
    const message = `${what} is ${own.status} in this repository already, and a release never changes`
    throw new RegistryError('conflict', message, { resourceType: 'package-version' })
  }
  const known = toldSpelling(await versionsOf(session, name))
  if (known === undefined || known === id) return
  const message = `package ${id} is published as ${known}: names that differ in case only are one package`
  throw new RegistryError('conflict', message, { resourceType: 'package' })
}

/** An upstream that is down cannot object; nor can a name that is only outside. */
async function versionsOf(session: RepositorySession, name: PackageName): Promise<readonly ViewVersion[]> {
  try {
    return (await session.view(name)).versions.filter(({ holder }) => holder !== 'external')
  } catch (error) {
    if (error instanceof RegistryError && (error.kind === 'missing' || error.kind === 'unavailable')) return []
    throw error
  }
}

/** What is wrong with the parts is no fault of the request's form. */
async function unprocessable<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof RegistryError) || error.kind !== 'invalid') throw error
    throw new HttpError(422, error.message, {}, error)
  }
}

async function publishForm(
  session: RepositorySession,
  announced: Announced,
  { assets }: PublishForm,
  signatureFormat: string | undefined,
): Promise<void> {
  const archive = assets.get(ARCHIVE_ASSET)
  if (!archive) throw refused('the form holds no part source-archive')
  const signature = await readSignatures(assets, signatureFormat)
  const metadata = await readMetadata(assets.get(METADATA_ASSET))
  const read = await readArchive(archive.source(ARCHIVE_ASSET), 'strict')
  await session.publish(draftOf(announced, assets, { signature, metadata, read }))
}

/** Of the archive; that of the metadata is kept, and nobody can ask for it. */
async function readSignatures(
  assets: ReadonlyMap<string, StagedAsset>,
  format: string | undefined,
): Promise<ReleaseSignature | undefined> {
  const [archive, ofArchive] = [assets.get(ARCHIVE_ASSET), assets.get(ARCHIVE_SIGNATURE_ASSET)]
  const [metadata, ofMetadata] = [assets.get(METADATA_ASSET), assets.get(METADATA_SIGNATURE_ASSET)]
  if (ofMetadata && !(metadata && ofArchive)) {
    throw refused('the form holds a metadata-signature without metadata and source-archive-signature')
  }
  if (!archive || !ofArchive) return undefined
  if (format !== SIGNATURE_FORMAT) {
    const header = `X-Swift-Package-Signature-Format '${(format ?? '').slice(0, 50)}'`
    throw refused(`${header} must be ${SIGNATURE_FORMAT} where a signature comes`)
  }
  const bytes = await readWhole(ofArchive)
  await checkSignature('source-archive', bytes, () => archive.source(ARCHIVE_ASSET).open())
  if (metadata && ofMetadata) {
    await checkSignature('metadata', await readWhole(ofMetadata), () => metadata.source(METADATA_ASSET).open())
  }
  return { format: SIGNATURE_FORMAT, base64: bytes.toString('base64') }
}

async function readMetadata(staged: StagedAsset | undefined): Promise<JsonObject> {
  return staged ? parseMetadata(await readWhole(staged)) : {}
}

/** Of a part whose size is limited. */
async function readWhole(staged: StagedAsset): Promise<Buffer> {
  const stream: Readable = staged.source('part').open()
  return Buffer.concat(await Array.fromAsync(stream as AsyncIterable<Buffer>))
}

interface ReadParts {
  readonly signature: ReleaseSignature | undefined
  readonly metadata: JsonObject
  readonly read: ArchiveContents
}

function draftOf(
  { name, id, version }: Announced,
  assets: ReadonlyMap<string, StagedAsset>,
  { signature, metadata, read }: ReadParts,
): VersionDraft {
  const document: ReleaseDocument = { id, metadata, signature, contents: read.contents }
  return {
    name,
    version,
    status: 'Published',
    document,
    facts: readFacts(document),
    readme: read.readme,
    assets: Array.from(assets, ([asset, staged]) => ({ name: asset, staged })),
    tags: [],
    tagsIfAbsent: [],
  }
}
