import type { Reply } from '../../http/call.ts'
import { RegistryError, refused } from '../../registry/errors.ts'
import type { PackageName } from '../../registry/names.ts'
import type { RepositorySession } from '../../registry/session.ts'
import type { PackageView } from '../../registry/view.ts'
import type { PackageCall } from '../format.ts'
import { revisionOf, tagsOf } from './documents.ts'
import type { JsonObject } from '../json.ts'
import { isObject, objectOf, textOf } from '../json.ts'
import { deprecationOf } from './manifests.ts'
import { showPackage, versionOfFile } from './names.ts'
import { publish } from './publish.ts'
import { done } from './replies.ts'
import { readChunks } from './request-body.ts'
import { receiveUpload } from './upload.ts'

/**
 * `PUT /{name}` and `PUT /{name}/-rev/{rev}`: one address for many wishes, told apart by what the body holds. What it does
 * not hold means nothing: `npm owner` sends no versions at all, and must not lose any.
 */
export async function putPackage(
  call: PackageCall,
  session: RepositorySession,
  name: PackageName,
  revision: string | undefined,
): Promise<Reply> {
  await using upload = await receiveUpload(readChunks(call), async () => {
    await session.authorizePublish(name)
    return session.stageAsset()
  })
  const { document, tarball } = upload
  if (tarball) return await publish(call, session, name, tarball, document)
  if ('_attachments' in document && Object.keys(objectOf(document['_attachments'])).length > 0) {
    throw refused('_attachments must hold exactly one .tgz')
  }
  if (isObject(document['versions'])) return await changeVersions(session, name, document, revision)
  if ('maintainers' in document) throw denied('owners are not kept here: who may publish is decided by IAM policies')
  if ('users' in document) throw denied('stars are not kept here')
  throw refused('the body must hold _attachments to publish, or versions to change')
}

function denied(message: string): RegistryError {
  return new RegistryError('denied', message)
}

/** The whole packument comes back with something changed: versions left out (only with `-rev`), or deprecated. */
async function changeVersions(
  session: RepositorySession,
  name: PackageName,
  document: JsonObject,
  revision: string | undefined,
): Promise<Reply> {
  const wanted = objectOf(document['versions'])
  if (Object.keys(wanted).length === 0) throw refused('versions must not be empty; DELETE removes a whole package')
  const view = await session.view(name)
  checkRevision(view, revision ?? document['_rev'])
  if (revision !== undefined) await removeOthers(session, view, wanted)
  await changeDeprecations(session, view, wanted)
  if (revision !== undefined) await moveTags(session, name, objectOf(document['dist-tags']))
  return done(201, { id: showPackage(name), rev: revisionOf(await session.view(name)) })
}

/** Throws `conflict` when the client has not seen the present state; a document may come without a revision. */
function checkRevision(view: PackageView, revision: unknown): void {
  if (textOf(revision) === undefined || revision === revisionOf(view)) return
  throw new RegistryError('conflict', 'Document update conflict: the package has changed; read it again and retry.', {
    resourceType: 'package',
    resourceId: showPackage(view.name),
  })
}

/** The first step of `npm unpublish name@version`. */
async function removeOthers(session: RepositorySession, view: PackageView, wanted: JsonObject): Promise<void> {
  const listed = view.versions.filter((version) => version.holder === 'own' && version.status === 'Published')
  const removed = listed.map(({ version }) => version).filter((version) => !Object.hasOwn(wanted, version))
  if (removed.length > 0) await session.deleteVersions(view.name, removed)
}

/** Only where the client's word differs from ours; empty text takes a deprecation back. */
async function changeDeprecations(session: RepositorySession, view: PackageView, wanted: JsonObject): Promise<void> {
  const changes = new Map<string, string | undefined>()
  for (const { version, document, holder } of view.versions) {
    if (holder !== 'own' || !isObject(wanted[version])) continue
    const deprecation = deprecationOf(wanted[version])
    if (deprecation !== deprecationOf(document)) changes.set(version, deprecation)
  }
  if (changes.size === 0) return
  await session.updateDocuments(view.name, (version, document) =>
    changes.has(version) ? deprecated(objectOf(document), changes.get(version)) : document,
  )
}

function deprecated(document: JsonObject, message: string | undefined): JsonObject {
  const { deprecated: _, ...rest } = document
  return message === undefined ? rest : { ...rest, deprecated: message }
}

/** After an unpublish npm moves `latest` to what is left. */
async function moveTags(session: RepositorySession, name: PackageName, wanted: JsonObject): Promise<void> {
  const view = await session.view(name)
  const listed = new Set(view.versions.filter(({ status }) => status === 'Published').map(({ version }) => version))
  const tags = tagsOf(view)
  for (const [tag, version] of Object.entries(wanted)) {
    if (typeof version !== 'string' || !listed.has(version) || tags.get(tag) === version) continue
    await session.putTag(name, tag, version)
  }
}

/** `DELETE /{name}/-rev/{rev}`: all that a client can see or download here. */
export async function deletePackage(session: RepositorySession, name: PackageName, revision: string): Promise<Reply> {
  const view = await session.view(name)
  checkRevision(view, revision)
  const versions = view.versions
    .filter(({ holder, status }) => holder === 'own' && (status === 'Published' || status === 'Unlisted'))
    .map(({ version }) => version)
  if (versions.length === 0) throw refused(`this repository holds no version of ${showPackage(name)} itself`)
  await session.deleteVersions(name, versions)
  return done()
}

/** `DELETE /{name}/-/{file}/-rev/{rev}`: the last step of `npm unpublish name@version`, when it is already gone. */
export async function deleteTarball(
  session: RepositorySession,
  name: PackageName,
  file: string,
  revision: string,
): Promise<Reply> {
  const version = versionOfFile(name, file)
  const view = await session.view(name)
  const held = view.versions.find((candidate) => candidate.version === version && candidate.holder === 'own')
  if (!held) return done()
  checkRevision(view, revision)
  await session.deleteVersions(name, [held.version])
  return done()
}
