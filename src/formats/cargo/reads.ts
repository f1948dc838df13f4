import type { Reply } from '../../http/call.ts'
import type { PackageName } from '../../registry/names.ts'
import type { RenderIndex, RepositorySession } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import { orMissing } from '../or-missing.ts'
import { replyAsset, replyIndex } from '../replies.ts'
import { renderConfig, renderCrate, renderIndex, renderVersions } from './documents.ts'
import { cargoNames, crateFile, crateMissing, indexPath, parsePackage } from './names.ts'

/** `GET config.json`. Every command begins with it, and never asks whether it has changed. */
export async function readConfig(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'private, no-cache' },
    body: renderConfig(call.endpoint),
  }
}

/** A crate's file in the index: at its own place, in lower case, and nowhere else. */
export async function readIndex(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  const name = nameOf(call)
  if (!call.path.endsWith(`/${indexPath(name)}`) || call.params['crate'] !== name.name) throw crateMissing(name.name)
  return replyIndex(call, await session.index(name, 'index', renderIndex))
}

/** `GET api/v1/crates/{crate}/{version}/download` */
export async function download(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  const name = nameOf(call)
  const version = orMissing(() => cargoNames.parseVersion(call.params['version'] ?? ''))
  const asset = await session.openAsset(name, version, crateFile(name, version))
  return replyAsset(call, asset)
}

export async function readVersions(call: PackageCall, session: RepositorySession): Promise<Reply> {
  return readDocument(call, session, 'versions', renderVersions)
}

export async function readCrate(call: PackageCall, session: RepositorySession): Promise<Reply> {
  return readDocument(call, session, 'crate', renderCrate)
}

async function readDocument(call: PackageCall, session: RepositorySession, key: string, render: RenderIndex) {
  session.authorizeRead()
  return replyIndex(call, await session.index(nameOf(call), key, render))
}

/** Whatever cannot be a name is a crate that is not there: Cargo tries spellings. */
function nameOf(call: PackageCall): PackageName {
  return orMissing(() => parsePackage(call.params['crate'] ?? ''))
}
