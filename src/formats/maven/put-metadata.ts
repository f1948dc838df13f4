import type { Reply } from '../../http/call.ts'
import { readBody } from '../../http/request-body.ts'
import { RegistryError, refused } from '../../registry/errors.ts'
import type { PackageName } from '../../registry/names.ts'
import type { RepositorySession } from '../../registry/session.ts'
import type { Digests } from '../../registry/upstream.ts'
import type { PackageCall } from '../format.ts'
import { digestsOf } from './checksums.ts'
import { PLUGINS_NOTE, renderVersions } from './documents.ts'
import { documentOf, type Plugin } from './facts.ts'
import { type ChecksumAlgorithm, groupFolder, METADATA_FILE, type MetadataPath } from './layout.ts'
import { checkCoordinates, METADATA_BYTES_MAX, parseMetadata } from './metadata.ts'
import { mavenNames } from './names.ts'
import { finishSnapshot } from './snapshots.ts'

/**
 * Metadata is never kept as it was sent: it says what is finished, and which prefixes plug-ins have. What is served is
 * made anew from what is there, so that two deployments at once lose nothing.
 */
export async function putMetadata(call: PackageCall, session: RepositorySession, path: MetadataPath): Promise<Reply> {
  const bytes = await readBody(call.body, METADATA_BYTES_MAX)
  const metadata = parseMetadata(bytes)
  if (path.snapshot !== undefined) {
    const finished = await finishSnapshot(session, { name: path.name, snapshot: path.snapshot }, metadata)
    await notePlugins(session, path.name, finished)
    await noteDigests(session, path, bytes)
    return accepted()
  }
  const isOfPackage = metadata.versions.length > 0 || metadata.artifactId !== undefined
  if (!isOfPackage && metadata.plugins.length === 0)
    throw refused(`${METADATA_FILE} names neither versions nor plug-ins`)
  if (metadata.plugins.length > 0) {
    const { namespace, name } = path.name
    await putPlugins(session, namespace === '' ? name : `${namespace}.${name}`, metadata.plugins)
  }
  if (isOfPackage) {
    checkCoordinates(path.name, metadata)
    await notePlugins(session, path.name, await session.finishVersions(path.name, metadata.versions))
    await noteDigests(session, path, bytes)
  }
  return accepted()
}

function accepted(): Reply {
  return { status: 200, headers: { 'Content-Length': 0 } }
}

/** Plug-ins among what was finished, as not every version of Maven tells the group of them. */
async function notePlugins(session: RepositorySession, { namespace }: PackageName, finished: readonly unknown[]) {
  const plugins = finished.flatMap((document) => documentOf(document).plugin ?? [])
  if (plugins.length > 0) await putPlugins(session, namespace, plugins)
}

/** Only what is new in the list, so that nobody needs a permission for the plug-ins of others that he merges. */
async function putPlugins(session: RepositorySession, groupId: string, plugins: readonly Plugin[]): Promise<void> {
  const group = groupFolder(groupId)
  const shown = new Set((await shownPlugins(session, group)).map(keyOf))
  const added = plugins.filter((plugin) => !shown.has(keyOf(plugin)))
  if (added.length === 0) return
  const about = added.map(({ artifactId }) => mavenNames.fromInput(groupId, artifactId))
  const prefixes = new Set(added.map(({ prefix }) => prefix))
  const change = (before: unknown) => {
    const noted = (before ?? []) as readonly Plugin[]
    return [...added, ...noted.filter(({ prefix }) => !prefixes.has(prefix))]
  }
  await session.changeNote({ name: group, key: PLUGINS_NOTE, change, about })
}

function keyOf({ prefix, artifactId }: Plugin): string {
  return `${prefix} ${artifactId}`
}

async function shownPlugins(session: RepositorySession, group: PackageName): Promise<readonly Plugin[]> {
  try {
    return parseMetadata((await session.index(group, 'versions', renderVersions)).identity).plugins
  } catch (error) {
    if (error instanceof RegistryError && error.kind === 'missing') return []
    throw error
  }
}

function digestsNote(snapshot: string | undefined): string {
  return snapshot === undefined ? 'uploaded' : `uploaded ${snapshot}`
}

/** Uploads of one document whose checksums may still come, when many deploy at once. Ours. */
const UPLOADS_MAX = 50

function noteDigests(session: RepositorySession, { name, snapshot }: MetadataPath, bytes: Buffer): Promise<void> {
  const change = (before: unknown) => [digestsOf(bytes), ...uploadsOf(before)].slice(0, UPLOADS_MAX)
  return session.changeNote({ name, key: digestsNote(snapshot), change, about: [name] })
}

/** Newest first. */
function uploadsOf(noted: unknown): readonly Required<Digests>[] {
  return (noted ?? []) as readonly Required<Digests>[]
}

/** It must be that of what was just sent, which is not what is served. A list of plug-ins alone is not held to it. */
export async function checkMetadataSum(
  session: RepositorySession,
  { name, snapshot }: MetadataPath,
  algorithm: ChecksumAlgorithm,
  said: string,
): Promise<Reply> {
  const uploads = uploadsOf(await session.note(name, digestsNote(snapshot)))
  if (uploads.some((digests) => digests[algorithm] === said)) return accepted()
  if (snapshot === undefined && uploads.length === 0 && (await shownPlugins(session, name)).length > 0)
    return accepted()
  const [last] = uploads
  if (last) throw refused(`checksum mismatch: expected ${algorithm} ${last[algorithm]} of ${METADATA_FILE}`)
  throw new RegistryError('missing', `${METADATA_FILE} has not been uploaded, so its ${algorithm} cannot be checked`)
}
