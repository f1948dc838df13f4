import { pipeline } from 'node:stream/promises'
import type { Reply } from '../../http/call.ts'
import { RegistryError, invalid, refused } from '../../registry/errors.ts'
import type { PackageName } from '../../registry/names.ts'
import type { RepositorySession, StagedAsset, VersionDraft } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import { type Announcement, readAnnouncement } from './announcement.ts'
import { type CrateDocument, dependenciesOf, spellingOf } from './entry.ts'
import { readFacts } from './facts.ts'
import { FrameReader, LENGTH_BYTES } from './frame-reader.ts'
import { type CrateContents, readCrate } from './inspect.ts'
import { canonicalName, crateFile } from './names.ts'
import { json } from './replies.ts'
import { releaseOf } from './versions.ts'

/** Largest metadata of a publish. Unit: bytes. Source: the public registry's limit. */
const METADATA_BYTES_MAX = 1024 * 1024

/** `PUT api/v1/crates/new`: who may is asked as soon as the name is known, before the crate is read. */
export async function publish(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  const reader = new FrameReader(call.body as AsyncIterable<Buffer>)
  const metadataBytes = await reader.takeLength('the metadata')
  if (metadataBytes > METADATA_BYTES_MAX) {
    throw refused(`the metadata is said to have ${metadataBytes} bytes; at most ${METADATA_BYTES_MAX} are taken`)
  }
  const announced = readAnnouncement(await reader.take(metadataBytes, 'the metadata'))
  call.log({ 'package.name': announced.name.name, 'package.version': announced.version })
  await session.authorizePublish(announced.name)
  const crateBytes = await reader.takeLength('the crate')
  checkLengths(call, metadataBytes, crateBytes)
  await using staged = await session.stageAsset()
  await pipeline(crateOf(reader, crateBytes), staged.writable)
  await staged.sealed()
  await publishStaged(session, announced, staged)
  return json(200, { warnings: { invalid_categories: [], invalid_badges: [], other: [] } })
}

/** A length that lies is told before the crate has come. */
function checkLengths(call: PackageCall, metadataBytes: number, crateBytes: number): void {
  const header = call.header('content-length')
  if (header === undefined) return
  const expected = LENGTH_BYTES + metadataBytes + LENGTH_BYTES + crateBytes
  if (Number(header) === expected) return
  throw refused(`the lengths in the body add up to ${expected} bytes, and the body has ${header}`)
}

async function* crateOf(reader: FrameReader, crateBytes: number): AsyncGenerator<Buffer> {
  yield* reader.stream(crateBytes, 'the crate')
  await reader.end()
}

async function publishStaged(session: RepositorySession, announced: Announcement, staged: StagedAsset): Promise<void> {
  const { name, version } = announced
  const file = crateFile(name, version)
  const contents = await readCrate(staged.source(file))
  checkContents(announced, contents)
  await checkCollisions(session, announced)
  await session.publish(draftOf(announced, contents, { name: file, staged }))
}

/** A crate that says otherwise than its metadata would be built as something else than what was asked for. */
function checkContents({ spelling, version, entry }: Announcement, { root, manifest }: CrateContents): void {
  if (manifest.name !== spelling) throw invalid('package.name in Cargo.toml', manifest.name, `must be '${spelling}'`)
  if (manifest.version !== version) {
    throw invalid('package.version in Cargo.toml', manifest.version, `must be '${version}'`)
  }
  const folder = `${spelling}-${version}`
  if (root !== folder) throw invalid("the crate's folder", root, `must be '${folder}'`)
  const required = dependenciesOf(entry).filter(({ kind }) => kind !== 'dev')
  const announced = new Set(required.map((dependency) => `${dependency.kind} ${dependency.package}`))
  const odd = [...announced.symmetricDifference(manifest.required)]
  if (odd.length > 0) {
    throw refused(`the metadata and the crate's Cargo.toml differ in the dependency '${odd[0]?.slice(0, 100)}'`)
  }
}

/** Throws `conflict` for a name or a version that clients could not tell from one that is there. */
async function checkCollisions(session: RepositorySession, announced: Announcement): Promise<void> {
  const { name, spelling, version } = announced
  const versions = (await versionsOf(session, name)).filter(({ holder }) => holder !== 'external')
  const other = versions.map(({ document }) => spellingOf(document)).find((known) => known !== undefined)
  if (other !== undefined && other !== spelling) throw nameTaken(spelling, other)
  const clash = versions.find((held) => held.version !== version && releaseOf(held.version) === releaseOf(version))
  if (clash) {
    const message = `version ${version} of crate '${spelling}' differs from version ${clash.version} in build metadata only`
    throw new RegistryError('conflict', message, { resourceType: 'package-version' })
  }
  if (versions.length > 0) return
  const similar = await findSimilar(session, name)
  if (similar) throw nameTaken(spelling, similar.name)
}

async function versionsOf(session: RepositorySession, name: PackageName) {
  try {
    return (await session.view(name)).versions
  } catch (error) {
    // An upstream that is down cannot object.
    if (error instanceof RegistryError && (error.kind === 'missing' || error.kind === 'unavailable')) return []
    throw error
  }
}

/** Another crate of the same letters. Names are in order: those that begin as this one does stand together. */
async function findSimilar(session: RepositorySession, name: PackageName): Promise<PackageName | undefined> {
  const [stem = ''] = name.name.split(/[-_]/, 1)
  if (stem === name.name) return undefined
  const canonical = canonicalName(name.name)
  for (const start of [`${stem}-`, `${stem}_`]) {
    // Just before the first name that begins so.
    let after: PackageName | undefined = { ...name, name: start.slice(0, -1) + (start.endsWith('-') ? ',' : '^') }
    while (after !== undefined) {
      const page: readonly PackageName[] = await session.packageNames(after)
      const near = page.filter((other) => other.name.startsWith(start))
      const found = near.find((other) => other.name !== name.name && canonicalName(other.name) === canonical)
      if (found) return found
      after = near.length === page.length ? page.at(-1) : undefined
    }
  }
  return undefined
}

function nameTaken(spelling: string, other: string): RegistryError {
  const message = `crate '${spelling}' cannot be told from crate '${other}', which is there: names must differ in more than case, '-' and '_'`
  return new RegistryError('conflict', message, { resourceType: 'package' })
}

function draftOf(
  announced: Announcement,
  { manifest, readme }: CrateContents,
  asset: VersionDraft['assets'][number],
): VersionDraft {
  const { rustVersion } = manifest
  const entry = { ...(rustVersion !== undefined && { rust_version: rustVersion }), ...announced.entry }
  const document: CrateDocument = { entry, manifest: manifest.kept }
  return {
    name: announced.name,
    version: announced.version,
    status: 'Published',
    document,
    facts: readFacts(document),
    readme: announced.readme ?? readme,
    assets: [asset],
    tags: [],
    tagsIfAbsent: [],
  }
}
