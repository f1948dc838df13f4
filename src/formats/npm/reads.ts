import type { Reply } from '../../http/call.ts'
import type { PackageName } from '../../registry/names.ts'
import type { ReadyIndex, RepositorySession } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import { replyAsset, replyIndex } from '../replies.ts'
import { missingVersion, renderAbbreviated, renderFull, renderManifest } from './documents.ts'
import { TARBALL_ASSET } from './manifests.ts'
import { versionOfFile } from './names.ts'
import { wantsAbbreviated } from './negotiation.ts'

/** `GET /{name}`: everything, or what an installation needs, as the client likes it better. */
export function readPackument(
  call: PackageCall,
  session: RepositorySession,
  name: PackageName,
): Reply | Promise<Reply> {
  const { endpoint } = call
  const index = wantsAbbreviated(call.header('accept'))
    ? session.index(name, `abbreviated ${endpoint}`, (view) => renderAbbreviated(view, endpoint))
    : session.index(name, `full ${endpoint}`, (view) => renderFull(view, endpoint))
  return index instanceof Promise ? index.then((ready) => replyPackument(call, ready)) : replyPackument(call, index)
}

/** `GET /{name}/{version or tag}` */
export async function readManifest(
  call: PackageCall,
  session: RepositorySession,
  name: PackageName,
  wanted: string,
): Promise<Reply> {
  const { endpoint } = call
  const key = `manifest ${wanted} ${endpoint}`
  return replyPackument(call, await session.index(name, key, (view) => renderManifest(view, wanted, endpoint)))
}

/** npm and Bun print `npm-notice`. */
function replyPackument(call: PackageCall, index: ReadyIndex): Reply {
  return replyIndex(call, index, index.isStale ? staleNotice : undefined)
}

const staleNotice = {
  'npm-notice': 'An upstream registry cannot be reached: this package is shown as it was last seen.',
}

/** Versions of files that were read before, for as long as the router remembers their parameters. */
const versions = new WeakMap<PackageCall['params'], string>()

/** `GET /{name}/-/{file}`. Never with a content coding: clients have stored what they should have decoded. */
export function readTarball(
  call: PackageCall,
  session: RepositorySession,
  name: PackageName,
  file: string,
): Reply | Promise<Reply> {
  const version = versions.get(call.params) ?? versionOfFile(name, file)
  if (version !== undefined) versions.set(call.params, version)
  else {
    session.authorizeRead()
    throw missingVersion(file)
  }
  const opened = session.openAsset(name, version, TARBALL_ASSET)
  return opened instanceof Promise ? opened.then((asset) => replyAsset(call, asset)) : replyAsset(call, opened)
}
