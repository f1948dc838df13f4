import type { Reply } from '../../http/call.ts'
import { invalid, refused } from '../../registry/errors.ts'
import type { PackageName } from '../../registry/names.ts'
import type { RepositorySession } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import { missingPackage, missingVersion, tagsOf } from './documents.ts'
import { isObject } from '../json.ts'
import { parseTag } from './names.ts'
import { done, json } from './replies.ts'
import { readJson } from './request-body.ts'

/** Largest body of a change of tags. Unit: bytes. Ours. */
const TAGS_BYTES_MAX = 1024 * 1024

/** `GET /-/package/{name}/dist-tags` */
export async function listTags(session: RepositorySession, name: PackageName): Promise<Reply> {
  const tags = tagsOf(await session.view(name))
  if (tags.size === 0) throw missingPackage(name)
  return json(200, Object.fromEntries(tags))
}

/** `PUT` or `POST /-/package/{name}/dist-tags/{tag}`; the body is the version as JSON text. */
export async function putTag(
  call: PackageCall,
  session: RepositorySession,
  name: PackageName,
  tag: string,
): Promise<Reply> {
  parseTag(tag)
  const version = await readJson(call, TAGS_BYTES_MAX)
  await session.putTag(name, tag, await checkTarget(session, name, version))
  return done(201, { id: tag })
}

/** `PUT /-/package/{name}/dist-tags`: the tags of the package from now on. */
export async function putTags(call: PackageCall, session: RepositorySession, name: PackageName): Promise<Reply> {
  const wanted = await readJson(call, TAGS_BYTES_MAX)
  if (!isObject(wanted)) throw refused('the body must be an object of tags and versions')
  const targets = new Map<string, string>()
  for (const [tag, version] of Object.entries(wanted)) {
    targets.set(parseTag(tag), await checkTarget(session, name, version))
  }
  const current = tagsOf(await session.view(name))
  for (const [tag, version] of targets) if (current.get(tag) !== version) await session.putTag(name, tag, version)
  const removed = [...current.keys()].filter((tag) => tag !== 'latest' && !targets.has(tag))
  for (const tag of removed) await session.removeTag(name, tag)
  return done()
}

/** `DELETE /-/package/{name}/dist-tags/{tag}`. `latest` stays, as a bare name is resolved through it. */
export async function removeTag(session: RepositorySession, name: PackageName, tag: string): Promise<Reply> {
  if (tag === 'latest') throw invalid('tag', tag, 'must not be removed; give it to another version instead')
  await session.removeTag(name, tag)
  return done()
}

/** A version that clients can see. Throws `invalid` or `missing`. */
async function checkTarget(session: RepositorySession, name: PackageName, version: unknown): Promise<string> {
  if (typeof version !== 'string') throw refused('the body must be a version as JSON text, as "1.0.0"')
  const { versions } = await session.view(name)
  if (versions.some((known) => known.version === version && known.status === 'Published')) return version
  throw missingVersion(version)
}
