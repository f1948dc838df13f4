import type { Reply } from '../../http/call.ts'
import { RegistryError } from '../../registry/errors.ts'
import type { RenderIndex, RepositorySession } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import { replyAsset, replyIndex } from '../replies.ts'
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

/** Pages by name. Nothing is said of own packages yet; clients want at least one page. Source: NuGet documentation, "Vulnerability information". */
const vulnerabilityPages: readonly string[] = ['base', 'update']

/** When what stands on the pages last changed: never. */
const VULNERABILITIES_UPDATED = '2024-01-01T00:00:00.0000000Z'

/** `GET v3/vulnerabilities/index.json` */
export async function readVulnerabilities(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  const at = addressesBelow(call.endpoint)
  return plainJson(
    JSON.stringify(
      vulnerabilityPages.map((page) => ({
        '@name': page,
        '@id': at.vulnerabilityPage(page),
        '@updated': VULNERABILITIES_UPDATED,
      })),
    ),
  )
}

/** Clients read a page as an object, though the documentation shows a list. Unverified: what a client since 7.0 reads. */
export async function readVulnerabilityPage(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  if (vulnerabilityPages.includes(withoutJson(call.params['page'] ?? ''))) return plainJson('{}')
  throw new RegistryError('missing', `there is no page of vulnerabilities '${call.params['page']?.slice(0, 100)}'`)
}

function packageOf(call: PackageCall) {
  return packageOrMissing(call.params['id'] ?? '')
}

function withoutJson(text: string): string {
  return text.replace(/\.json$/i, '')
}

function plainJson(body: string): Reply {
  return { status: 200, headers: { 'Content-Type': 'application/json', 'Cache-Control': 'private, no-cache' }, body }
}
