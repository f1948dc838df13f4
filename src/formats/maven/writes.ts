import { pipeline } from 'node:stream/promises'
import type { Reply } from '../../http/call.ts'
import { readBody } from '../../http/request-body.ts'
import { RegistryError } from '../../registry/errors.ts'
import type { AssetFault, OwnVersion, RepositorySession, StagedAsset, VersionDraft } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import { readFacts, type VersionDocument } from './facts.ts'
import { readPom } from './inspect.ts'
import { type AssetPath, type ChecksumAlgorithm, isSnapshot, parsePath, pomFile } from './layout.ts'
import { mayBePlugin, readPluginDescriptor } from './plugin-descriptor.ts'
import { checkPom, type Pom } from './pom.ts'
import { checkMetadataSum, putMetadata } from './put-metadata.ts'
import { followBuild } from './snapshots.ts'

/** Largest checksum file that is read. Unit: bytes. Ours. */
const CHECKSUM_BYTES_MAX = 4096

/** `PUT` of anything: files, their checksums, and metadata with its own. Throws `invalid` where nothing can stand. */
export async function write(call: PackageCall, session: RepositorySession): Promise<Reply> {
  const path = parsePath(`/${call.params['path'] ?? ''}`)
  if (path.kind === 'metadata') {
    if (!path.checksum) return putMetadata(call, session, path)
    return checkMetadataSum(session, path, path.checksum, await readSum(call))
  }
  return path.checksum ? putChecksum(call, session, path, path.checksum) : putFile(call, session, path)
}

/** The version stays Unfinished until its metadata comes, or until it has been quiet for long enough. */
async function putFile(call: PackageCall, session: RepositorySession, path: AssetPath): Promise<Reply> {
  const { name, version, snapshot } = path
  call.log({ 'package.version': version })
  await session.authorizePublish(name)
  await using staged = await session.stageAsset()
  await pipeline(call.body, staged.writable)
  const own = await session.ownVersion(name, version)
  await refuseOther(path, own, staged)
  const outcome = await session.publish(draftOf(path, own, staged, await inspectFile(path, staged)))
  if (snapshot !== undefined && version !== snapshot) await followBuild(session, { name, snapshot, build: version })
  return done(outcome.kind === 'unchanged' ? 200 : 201)
}

function done(status: 200 | 201): Reply {
  return { status, headers: { 'Content-Length': 0 } }
}

/** In the words that people search for. Only a snapshot without a timestamp may get other bytes. */
async function refuseOther(
  { version, file }: AssetPath,
  own: OwnVersion | undefined,
  staged: StagedAsset,
): Promise<void> {
  const standing = own?.assets.find((asset) => asset.name === file)
  if (!standing || isSnapshot(version) || own?.status === 'Archived' || own?.status === 'Disposed') return
  const { sha256 } = await staged.sealed()
  if (sha256 === standing.sha256) return
  const message = `${file} already exists with different content (SHA-256 ${standing.sha256})`
  throw new RegistryError('conflict', message, { resourceType: 'asset', resourceId: file })
}

/** What the POM, or a plug-in's jar, says of the version. */
async function inspectFile(path: AssetPath, staged: StagedAsset): Promise<Pick<VersionDocument, 'pom' | 'plugin'>> {
  const { name, version, file } = path
  if (file === pomFile(name.name, version)) return { pom: await readOwnPom(path, staged) }
  if (file !== `${name.name}-${version}.jar` || !mayBePlugin(name.name)) return {}
  await staged.sealed()
  const plugin = await readPluginDescriptor(staged.source(file))
  return plugin?.artifactId === name.name ? { plugin } : {}
}

async function readOwnPom({ name, version, snapshot, file }: AssetPath, staged: StagedAsset): Promise<Pom> {
  await staged.sealed()
  const pom = await readPom(staged.source(file))
  // The POM of a build says the build's version, or the snapshot's.
  const expected = snapshot !== undefined && pom.version === snapshot ? snapshot : version
  checkPom(pom, { groupId: name.namespace, artifactId: name.name, version: expected })
  return pom
}

function draftOf(
  { name, version, snapshot, file }: AssetPath,
  own: OwnVersion | undefined,
  staged: StagedAsset,
  found: Pick<VersionDocument, 'pom' | 'plugin'>,
): VersionDraft {
  const isPlainSnapshot = snapshot === version
  const document: VersionDocument = {
    artifactId: name.name,
    ...found,
    ...(isPlainSnapshot && { build: null }),
  }
  const isBuild = snapshot !== undefined && !isPlainSnapshot
  return {
    name,
    version,
    status: 'Unfinished',
    document,
    facts: readFacts(document),
    readme: undefined,
    assets: [{ name: file, staged }],
    tags: [],
    tagsIfAbsent: [],
    // Nobody finds a build without its metadata, so its tool will send it.
    finish: isBuild || !(found.pom || hasPom(own, { name, version })) ? undefined : 'when quiet',
  }
}

function hasPom(own: OwnVersion | undefined, { name, version }: Pick<AssetPath, 'name' | 'version'>): boolean {
  return own?.assets.some((asset) => asset.name === pomFile(name.name, version)) === true
}

/** Not stored: it must say what has been computed. A wrong one keeps the version Unfinished until the right one comes. */
async function putChecksum(
  call: PackageCall,
  session: RepositorySession,
  path: AssetPath,
  algorithm: ChecksumAlgorithm,
): Promise<Reply> {
  const { name, version, file } = path
  const own = await session.ownVersion(name, version)
  const asset = own?.assets.find((candidate) => candidate.name === file)
  if (!own || !asset) throw notUploaded(file, algorithm)
  const said = await readSum(call)
  const fault: AssetFault = { name, version, asset: `${file}.${algorithm}` }
  if (said === asset[algorithm]) {
    await session.clearFault(fault, hasPom(own, path) && path.snapshot === undefined ? 'when quiet' : undefined)
    return done(200)
  }
  const message = `checksum mismatch: expected ${algorithm} ${asset[algorithm]} of ${file}, got '${said.slice(0, 150)}'`
  if (own.status === 'Unfinished') await session.reportFault({ ...fault, message })
  throw new RegistryError('invalid', message, { reason: 'FIELD_VALIDATION_FAILED' })
}

/** The first word; behind it may stand the file's name. Compared letter by letter, as the service does. */
async function readSum(call: PackageCall): Promise<string> {
  const text = (await readBody(call.body, CHECKSUM_BYTES_MAX)).toString('latin1')
  return text.trim().split(/\s+/)[0] ?? ''
}

function notUploaded(file: string, algorithm: ChecksumAlgorithm): RegistryError {
  const message = `${file} has not been uploaded, so its ${algorithm} cannot be checked; upload the file first`
  return new RegistryError('missing', message, { resourceType: 'asset', resourceId: file })
}
