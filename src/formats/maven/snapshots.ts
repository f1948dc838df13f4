import { invalid, RegistryError, refused } from '../../registry/errors.ts'
import type { PackageName } from '../../registry/names.ts'
import type { RepositorySession } from '../../registry/session.ts'
import { documentOf, type SnapshotBuild } from './facts.ts'
import { buildOf, METADATA_FILE } from './layout.ts'
import { checkCoordinates, type MavenMetadata } from './metadata.ts'

export interface Snapshot {
  readonly name: PackageName
  /** `1.0-SNAPSHOT` */
  readonly snapshot: string
}

/**
 * The metadata of a snapshot says which build it stands for from now on. Some tools send it before the files: then it
 * waits for the first of them. Throws `invalid`. Source: CodeArtifact User Guide, "Maven snapshots".
 */
export async function finishSnapshot(
  session: RepositorySession,
  { name, snapshot }: Snapshot,
  metadata: MavenMetadata,
): Promise<readonly unknown[]> {
  checkCoordinates(name, metadata)
  if ((metadata.version ?? snapshot) !== snapshot) {
    throw invalid(
      `version of ${METADATA_FILE}`,
      metadata.version ?? '',
      `must be the one in its address, '${snapshot}'`,
    )
  }
  const { build, files } = metadata
  if (!build) {
    if (!files.some(({ value }) => value === snapshot))
      throw refused(`${METADATA_FILE} must say timestamp and buildNumber`)
    return session.finishVersions(name, [snapshot])
  }
  const version = buildVersion(snapshot, build)
  if (files.length > 0 && !files.some(({ value }) => value === version)) {
    throw refused(`${METADATA_FILE} must name a file of the build ${version}`)
  }
  const document = await standForBuild(session, { name, snapshot, build: version })
  if (document !== undefined) return [document]
  await session.changeNote({ name, key: pendingNote(snapshot), change: () => version, about: [name] })
  return []
}

/**
 * A file of the build that a snapshot stands for, or shall stand for, belongs to the snapshot too. Who may publish files
 * and nothing more adds it to the build alone.
 */
export async function followBuild(
  session: RepositorySession,
  { name, snapshot, build }: Snapshot & { readonly build: string },
): Promise<void> {
  const isPending = (await unlessDenied(session.note(name, pendingNote(snapshot)))) === build
  const stands = documentOf((await session.ownVersion(name, snapshot))?.document).build
  if (!isPending && (!stands || buildVersion(snapshot, stands) !== build)) return
  const document = await unlessDenied(standForBuild(session, { name, snapshot, build }))
  const isDone = isPending && document !== undefined
  if (isDone) await session.changeNote({ name, key: pendingNote(snapshot), change: () => null, about: [name] })
}

/** Undefined when there is no such build. */
async function standForBuild(
  session: RepositorySession,
  { name, snapshot, build }: Snapshot & { readonly build: string },
): Promise<unknown> {
  try {
    return await session.standFor(name, { version: snapshot, for: build, document: { build: buildOf(build) } })
  } catch (error) {
    if (error instanceof RegistryError && error.kind === 'missing') return undefined
    throw error
  }
}

async function unlessDenied<T>(task: Promise<T>): Promise<T | undefined> {
  try {
    return await task
  } catch (error) {
    if (error instanceof RegistryError && error.kind === 'denied') return undefined
    throw error
  }
}

function pendingNote(snapshot: string): string {
  return `pending ${snapshot}`
}

function buildVersion(snapshot: string, { timestamp, buildNumber }: SnapshotBuild): string {
  return `${snapshot.slice(0, -'SNAPSHOT'.length)}${timestamp}-${buildNumber}`
}
