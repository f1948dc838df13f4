import type { Reply } from '../../http/call.ts'
import type { RenderIndex, RepositorySession } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import { replyAsset, replyIndex } from '../replies.ts'
import { plainJson } from './replies.ts'
import { addressesBelow, type Hive } from './addresses.ts'
import { renderVersionList } from './documents.ts'
import { readEmbedded } from './embedded.ts'
import { packageFile, packageOrMissing, symbolsFile, versionOrMissing } from './names.ts'
import {
  type Registrations,
  renderRegistration,
  renderRegistrationLeaf,
  renderRegistrationPage,
} from './registrations.ts'
import { renderServiceIndex } from './service-index.ts'

/** `GET v3/index.json`: every command begins with it. */
export async function readServiceIndex(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  return plainJson(renderServiceIndex(addressesBelow(call.endpoint)))
}

/** `GET v3/flatcontainer/{id}/index.json` */
export async function readVersionList(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  return replyIndex(call, await session.index(packageOf(call), 'versions', renderVersionList))
}

/** `GET v3/flatcontainer/{id}/{version}/{file}`: the package, its manifest, or a file inside it that people look at. */
export async function readContent(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  const name = packageOf(call)
  const version = versionOrMissing(call.params['version'] ?? '')
  const file = (call.params['file'] ?? '').toLowerCase()
  if (file.endsWith('.nupkg'))
    return replyAsset(call, await session.openAsset(name, version, packageFile(name, version)))
  if (file.endsWith('.snupkg'))
    return replyAsset(call, await session.openAsset(name, version, symbolsFile(name, version)))
  const located = await session.locateAsset(name, version, packageFile(name, version))
  return replyAsset(call, ...(await readEmbedded(file, located)))
}

/** `GET v3/registration4/{id}/index.json` */
export function readRegistration(hive: Hive) {
  return document(hive, 'index', () => renderRegistration)
}

/** `GET v3/registration4/{id}/page/{lower}/{upper}.json` */
export function readRegistrationPage(hive: Hive) {
  return document(hive, 'page', (call) => {
    const lower = versionOrMissing(call.params['lower'] ?? '')
    const upper = versionOrMissing(withoutJson(call.params['upper'] ?? ''))
    return (view, of) => renderRegistrationPage(view, of, { lower, upper })
  })
}

/** `GET v3/registration4/{id}/{version}.json` */
export function readRegistrationLeaf(hive: Hive) {
  return document(hive, 'leaf', (call) => {
    const version = versionOrMissing(withoutJson(call.params['version'] ?? ''))
    return (view, of) => renderRegistrationLeaf(view, of, version)
  })
}

type Render = (view: Parameters<RenderIndex>[0], of: Registrations) => ReturnType<RenderIndex>

function document(hive: Hive, kind: string, renderFor: (call: PackageCall) => Render) {
  return async (call: PackageCall, session: RepositorySession): Promise<Reply> => {
    session.authorizeRead()
    const name = packageOf(call)
    const render = renderFor(call)
    const of = { at: addressesBelow(call.endpoint), hive }
    const { lower = '', upper = '', version = '' } = call.params
    const key = [hive, kind, lower, upper, version, call.endpoint].join(' ')
    return replyIndex(call, await session.index(name, key, (view) => render(view, of)))
  }
}

function packageOf(call: PackageCall) {
  return packageOrMissing(call.params['id'] ?? '')
}

function withoutJson(text: string): string {
  return text.replace(/\.json$/i, '')
}
