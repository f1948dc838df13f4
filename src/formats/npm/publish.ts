import clean from 'semver/functions/clean.js'
import type { Call, Reply } from '../../http/call.ts'
import { RegistryError, invalid, refused } from '../../registry/errors.ts'
import type { Asset } from '../../registry/model.ts'
import type { PackageName } from '../../registry/names.ts'
import type { PublishOutcome, RepositorySession, VersionDraft } from '../../registry/session.ts'
import { readFacts } from './facts.ts'
import { type TarballContents, readTarball } from './inspect.ts'
import type { JsonObject } from '../json.ts'
import { isObject, objectOf, textFields, textOf, without } from '../json.ts'
import { TARBALL_ASSET, hasInstallScript, integrityOf } from './manifests.ts'
import { checkNewName, parseNewVersion, parseTag, showPackage } from './names.ts'
import { readProvenance } from './provenance.ts'
import { json } from './replies.ts'
import type { UploadedTarball } from './upload.ts'

/** What npm sends as `readme` when there is none. Source: npm's `read-package-json`. */
const NO_README = 'ERROR: No README data found!'

/** Fields of a manifest that the publisher does not decide, or that say again what `dist` says. */
const droppedFields = new Set([
  '_id',
  '_rev',
  '_attachments',
  '_attestations',
  '_from',
  '_resolved',
  '_integrity',
  '_shasum',
  'integrity',
  'shasum',
  'readme',
  'dist',
])

/** What a document says of the one version it brings, checked as far as the document goes. */
interface Announcement {
  readonly version: string
  readonly manifest: JsonObject
  readonly tags: readonly string[]
  readonly readme: string | undefined
  /** Field of the version's document, when it came with provenance. */
  readonly provenance: JsonObject
}

/** Publishes a staged tarball with the document that announced it, or throws and leaves it to its owner. */
export async function publish(
  call: Call,
  session: RepositorySession,
  name: PackageName,
  tarball: UploadedTarball,
  document: JsonObject,
): Promise<Reply> {
  const announcement = readAnnouncement(name, document, tarball)
  checkDigests(objectOf(announcement.manifest['dist']), tarball.sealed)
  const contents = await readTarball(tarball.staged.source(TARBALL_ASSET))
  checkContents(name, announcement, contents)
  call.log({ 'package.version': announcement.version, ...differences(announcement.manifest, contents.manifest) })
  const draft = draftOf(session, name, announcement, contents, tarball)
  const outcome = await publishOnce(session, draft)
  return json(outcome.kind === 'created' ? 201 : 200, { ok: true, success: true, id: showPackage(name) })
}

/** npm's own sentence, as release tools look for it. Source: the public registry's answer. */
async function publishOnce(session: RepositorySession, draft: VersionDraft): Promise<PublishOutcome> {
  try {
    return await session.publish(draft)
  } catch (error) {
    const isTaken =
      error instanceof RegistryError && error.kind === 'conflict' && error.details.resourceType === 'package-version'
    if (!isTaken) throw error
    const sentence = `You cannot publish over the previously published versions: ${draft.version}.`
    throw new RegistryError('conflict', sentence, { ...error.details, cause: error })
  }
}

function readAnnouncement(name: PackageName, document: JsonObject, tarball: UploadedTarball): Announcement {
  const shown = showPackage(name)
  requireEqual('name', document['name'], shown, "the package in the request's address")
  checkNewName(name)
  const versions = Object.entries(objectOf(document['versions']))
  const [version, manifest] = versions[0] ?? []
  if (version === undefined || versions.length > 1) throw refused('versions must hold exactly one version')
  if (!isObject(manifest)) throw invalid('version', version, 'must come with its manifest')
  requireEqual('name of the manifest', manifest['name'], shown, "the package in the request's address")
  requireEqual('version of the manifest', manifest['version'], parseNewVersion(version), 'its key in versions')
  if (manifest['private'] === true)
    throw new RegistryError('denied', `${shown} is marked as private in its package.json`)
  checkAttachment(document, tarball)
  return {
    version,
    manifest,
    tags: readTags(document, version),
    readme: readReadme(document, manifest),
    provenance: readProvenance(objectOf(document['_attachments'])),
  }
}

function requireEqual(field: string, value: unknown, expected: string, what: string): void {
  if (value !== expected) throw invalid(field, String(value), `must be ${what}: '${expected}'`)
}

/** The document must tell of the same tarball that was taken out of it. */
function checkAttachment(document: JsonObject, tarball: UploadedTarball): void {
  const attachments = Object.entries(objectOf(document['_attachments'])).filter(([key]) => key.endsWith('.tgz'))
  const [[key, attachment]] = attachments.length === 1 ? attachments : [[undefined, undefined] as const]
  if (key !== tarball.key) throw refused('_attachments must hold exactly one .tgz')
  const length = objectOf(attachment)['length']
  if (length !== undefined && length !== tarball.sealed.sizeBytes) {
    throw invalid(
      'length',
      JSON.stringify(length),
      `must be the tarball's size, which is ${tarball.sealed.sizeBytes} bytes`,
    )
  }
}

function readTags(document: JsonObject, version: string): readonly string[] {
  const tags = Object.entries(objectOf(document['dist-tags']))
  for (const [tag, target] of tags) {
    parseTag(tag)
    if (target !== version)
      throw invalid(`dist-tags.${tag}`, String(target), `must be the published version ${version}`)
  }
  return tags.length > 0 ? tags.map(([tag]) => tag) : ['latest']
}

/** npm, pnpm and Bun put it into the manifest, Yarn beside it. */
function readReadme(document: JsonObject, manifest: JsonObject): string | undefined {
  return [manifest['readme'], document['readme']].map(textOf).find((text) => text !== undefined && text !== NO_README)
}

/** What the publisher declared must be what arrived. */
function checkDigests(dist: JsonObject, sealed: Omit<Asset, 'name'>): void {
  const shasum = textOf(dist['shasum'])
  if (shasum !== undefined && shasum.toLowerCase() !== sealed.sha1) {
    throw invalid('dist.shasum', shasum, `is not the SHA-1 of the tarball, which is ${sealed.sha1}`)
  }
  const computed = integrityOf(sealed.sha512)
  const declared = textOf(dist['integrity'])
    ?.split(/\s+/)
    .find((part) => part.startsWith('sha512-'))
  if (declared !== undefined && declared.replace(/\?.*$/, '') !== computed) {
    throw invalid('dist.integrity', declared, `is not the integrity of the tarball, which is ${computed}`)
  }
}

/** A tarball that calls itself otherwise than its packument would be installed under a false name. */
function checkContents(name: PackageName, announcement: Announcement, contents: TarballContents): void {
  const { manifest } = contents
  const shown = showPackage(name)
  requireEqual("name in the tarball's package.json", textOf(manifest['name'])?.trim(), shown, 'the published name')
  const version = clean(textOf(manifest['version']) ?? '', { loose: true })
  requireEqual("version in the tarball's package.json", version, announcement.version, 'the published version')
}

/** Clients change manifests on the way for good reasons; what a reader of the packument is not told is worth a trace. */
function differences(manifest: JsonObject, packed: JsonObject): Record<string, string> {
  const dependenciesOf = (source: JsonObject) =>
    [...textFields(source['dependencies']), ...textFields(source['optionalDependencies'])]
      .map((entry) => entry.join(' '))
      .sort()
      .join('\n')
  const differing = [
    ...(dependenciesOf(manifest) === dependenciesOf(packed) ? [] : ['dependencies']),
    ...(hasInstallScript(manifest) === hasInstallScript(packed) ? [] : ['scripts']),
  ]
  return differing.length > 0 ? { 'npm.manifest_differs_in': differing.join(' ') } : {}
}

function draftOf(
  session: RepositorySession,
  name: PackageName,
  announcement: Announcement,
  contents: TarballContents,
  tarball: UploadedTarball,
): VersionDraft {
  const document = {
    ...without(announcement.manifest, droppedFields),
    ...announcement.provenance,
    _npmUser: { name: session.caller.principal.userName, email: '' },
    _hasShrinkwrap: contents.hasShrinkwrap,
    dist: {
      integrity: integrityOf(tarball.sealed.sha512),
      shasum: tarball.sealed.sha1,
      fileCount: contents.fileCount,
      unpackedSize: contents.unpackedBytes,
    },
  }
  return {
    name,
    version: announcement.version,
    status: 'Published',
    document,
    facts: readFacts(document),
    readme: announcement.readme ?? contents.readme,
    assets: [{ name: TARBALL_ASSET, staged: tarball.staged }],
    tags: announcement.tags,
    tagsIfAbsent: announcement.tags.includes('latest') ? [] : ['latest'],
  }
}
