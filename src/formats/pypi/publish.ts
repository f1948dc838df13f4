import type { Reply } from '../../http/call.ts'
import { RegistryError, invalid, refused } from '../../registry/errors.ts'
import type { PackageName } from '../../registry/names.ts'
import type { PublishOutcome, RepositorySession, VersionDraft } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import { type Announcement, goneAction, readAnnouncement } from './announcement.ts'
import { Blake2b256 } from './blake2b.ts'
import { fieldOf } from './core-metadata.ts'
import { readFacts } from './facts.ts'
import { fieldOnce, type FormFields, receiveForm, type UploadedFile } from './form.ts'
import { type Distribution, readDistribution, releaseOf } from './inspect.ts'
import { normalizeName, parsePackage } from './names.ts'
import type { Release, ReleaseFile } from './release.ts'
import { isSameVersion } from './versions.ts'

/** `POST /`: one file with its form, as twine has sent it since the first index. */
export async function upload(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  await using form = await receiveForm(call.body, call.header('content-type') ?? '', async (fields) => {
    await authorizeEarly(session, fields)
    return session.stageAsset()
  })
  const announced = readAnnouncement(form.fields, form.content)
  const { name, filename, file } = announced
  call.log({ 'package.name': name.name, 'package.version': announced.version, 'asset.name': filename })
  await session.authorizePublish(name)
  await checkDigests(announced, file)
  const distribution = await readDistribution(file.staged.source(filename), 'strict')
  checkContents(announced, distribution)
  const outcome = await publishOnce(session, announced, await draftOf(session, announced, distribution))
  return { status: 200, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: `${sentences[outcome.kind]}\n` }
}

const sentences: Readonly<Record<PublishOutcome['kind'], string>> = {
  created: 'Published',
  extended: 'Added to the version that stands',
  unchanged: 'Nothing to do: the same file is there already',
}

/** Clients send the name before the file, so that most of what may not be published is refused before it has been sent. */
async function authorizeEarly(session: RepositorySession, fields: FormFields): Promise<void> {
  const action = fieldOnce(fields, ':action')
  if (action !== undefined && action !== 'file_upload') throw goneAction(action)
  const name = fieldOnce(fields, 'name')
  if (name !== undefined) await session.authorizePublish(parsePackage(name))
}

/**
 * Largest file of which BLAKE2 is computed beside a SHA-256 that was sent too: it says nothing more, and takes a second
 * for 40 MB. Unit: bytes. Ours.
 */
const BLAKE2_BYTES_MAX = 64 * 1024 * 1024

/** Every digest that was sent must be the file's. */
async function checkDigests({ digests }: Announcement, { sealed, staged, filename }: UploadedFile): Promise<void> {
  const known = { sha256: sealed.sha256, md5: sealed.md5, blake2_256: undefined }
  for (const [algorithm, declared] of Object.entries(digests)) {
    const isSettled = digests['sha256'] !== undefined && sealed.sizeBytes > BLAKE2_BYTES_MAX
    if (algorithm === 'blake2_256' && isSettled) continue
    const found = known[algorithm as keyof typeof known] ?? (await blake2(staged.source(filename).open()))
    if (declared !== found) {
      throw invalid(`${algorithm}_digest`, declared, `does not match the uploaded file, whose digest is ${found}`)
    }
  }
}

async function blake2(bytes: AsyncIterable<Buffer>): Promise<string> {
  const hash = new Blake2b256()
  for await (const chunk of bytes) hash.update(chunk)
  return hash.digest()
}

/** A file that calls itself otherwise than its form would be installed under a false name. */
function checkContents({ name, version, filename }: Announcement, { metadata }: Distribution): void {
  const inside = { name: fieldOf(metadata, 'name'), version: fieldOf(metadata, 'version') }
  const where = `in the metadata of ${filename}`
  if (inside.name === undefined || normalizeName(inside.name) !== name.name) {
    throw invalid(`Name ${where}`, inside.name ?? '', `must be the uploaded name '${name.name}'`)
  }
  if (inside.version === undefined || !isSameVersion(inside.version, version)) {
    throw invalid(`Version ${where}`, inside.version ?? '', `must be the uploaded version '${version}'`)
  }
  if (fieldOf(metadata, 'license') !== undefined && fieldOf(metadata, 'license-expression') !== undefined) {
    throw refused(`License and License-Expression must not both stand ${where}`)
  }
}

async function draftOf(
  session: RepositorySession,
  announced: Announcement,
  distribution: Distribution,
): Promise<VersionDraft> {
  const { name, filename, file } = announced
  const version = await standingVersion(session, announced)
  const release = releaseOf(distribution)
  const fields =
    distribution.kind === 'sdist' ? { ...announced.oldFields(release.fields), ...release.fields } : release.fields
  const document: Release = {
    ...release,
    fields,
    files: { [filename]: describeFile(session, { ...release, fields }, distribution, announced) },
  }
  return {
    name,
    version,
    status: 'Published',
    document,
    facts: readFacts(document),
    readme: distribution.metadata.description,
    assets: [{ name: filename, staged: file.staged }],
    tags: [],
    tagsIfAbsent: [],
  }
}

function describeFile(
  session: RepositorySession,
  release: Release,
  { metadataSha256 }: Distribution,
  { attestations }: Announcement,
): ReleaseFile {
  const requiresPython = fieldOf(release, 'requires-python')
  return {
    uploadTime: new Date(session.now()).toISOString(),
    ...(requiresPython !== undefined && { requiresPython }),
    ...(metadataSha256 !== undefined && { coreMetadata: { sha256: metadataSha256 } }),
    ...(attestations !== undefined && { attestations }),
  }
}

/** `1.0` and `1.0.0` are one version: what stands keeps its spelling. */
async function standingVersion(session: RepositorySession, { name, version }: Announcement): Promise<string> {
  const versions = await versionsOf(session, name)
  return versions.includes(version) ? version : (versions.find((other) => isSameVersion(other, version)) ?? version)
}

async function versionsOf(session: RepositorySession, name: PackageName): Promise<readonly string[]> {
  try {
    return (await session.view(name)).versions.map(({ version }) => version)
  } catch (error) {
    // An upstream that is down cannot object.
    if (error instanceof RegistryError && (error.kind === 'missing' || error.kind === 'unavailable')) return []
    throw error
  }
}

/** The sentence that every client looks for when it may skip what is there. Source: twine, Poetry, PDM. */
async function publishOnce(
  session: RepositorySession,
  { name, filename, file }: Announcement,
  draft: VersionDraft,
): Promise<PublishOutcome> {
  try {
    return await session.publish(draft)
  } catch (error) {
    if (!(error instanceof RegistryError) || error.kind !== 'conflict') throw error
    const sha256 = await standingSha256(session, name, draft.version, filename)
    if (sha256 === undefined || sha256 === file.sealed.sha256) throw error
    const sentence = `File already exists ('${filename}', with sha256 '${sha256}'). A file never changes: use another version.`
    throw new RegistryError('conflict', sentence, { ...error.details, cause: error })
  }
}

async function standingSha256(
  session: RepositorySession,
  name: PackageName,
  version: string,
  filename: string,
): Promise<string | undefined> {
  try {
    const located = await session.locateAsset(name, version, filename)
    return located.kind === 'stored' ? located.opened.asset.sha256 : located.asset.digests.sha256
  } catch (error) {
    if (error instanceof RegistryError) return undefined
    throw error
  }
}
