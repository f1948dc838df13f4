import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Reply } from '../../http/call.ts'
import type { Catalogue } from '../../registry/catalogue.ts'
import { RegistryError } from '../../registry/errors.ts'
import type { ReadyIndex, RepositorySession } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import { replyIndex } from '../replies.ts'
import { addressesBelow } from './addresses.ts'
import { OWN_PAGE, ownPage } from './own-advisories.ts'
import { plainJson } from './replies.ts'
import {
  renderVulnerabilityPage,
  type VulnerabilityPage,
  vulnerabilityPages,
  vulnerabilityRules,
} from './vulnerabilities.ts'

const compress = promisify(gzip)

/** `GET v3/vulnerabilities/index.json`: what clients audit a restore by. They keep each page under its name. */
export async function readVulnerabilities(call: PackageCall, session: RepositorySession): Promise<Reply> {
  const { changedAt } = await session.catalogue(vulnerabilityRules)
  const at = addressesBelow(call.endpoint)
  const updated = timeOf(changedAt)
  const pages = vulnerabilityPages.map((page) => {
    return { '@name': page, '@id': at.vulnerabilityPage(page), '@updated': updated }
  })
  const book = await session.advisoryBook()
  const own = book && { '@name': OWN_PAGE, '@id': at.vulnerabilityPage(OWN_PAGE), '@updated': timeOf(book.changedAt) }
  return plainJson(JSON.stringify(own ? [...pages, own] : pages))
}

/**
 * `GET v3/vulnerabilities/{page}.json`: an object, also where it is empty, though the documentation shows a list: the client
 * reads one. Source: NuGet.Client, VulnerabilityInfoResourceV3.
 */
export async function readVulnerabilityPage(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  const name = (call.params['page'] ?? '').replace(/\.json$/i, '')
  const book = name === OWN_PAGE ? await session.advisoryBook() : undefined
  if (book) return replyIndex(call, await ownPage(book))
  const page = vulnerabilityPages.find((each) => each === name)
  if (page === undefined)
    throw new RegistryError('missing', `there is no page of vulnerabilities '${name.slice(0, 100)}'`)
  return replyIndex(call, await readyPage(await session.catalogue(vulnerabilityRules), page))
}

/** To a hundred nanoseconds, as NuGet's own pages have it. */
function timeOf(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '0000Z')
}

/** Pages live as long as what they were made of. */
const ready = new WeakMap<Catalogue, Map<VulnerabilityPage, Promise<ReadyIndex>>>()

function readyPage(catalogue: Catalogue, page: VulnerabilityPage): Promise<ReadyIndex> {
  const pages = ready.get(catalogue) ?? new Map<VulnerabilityPage, Promise<ReadyIndex>>()
  ready.set(catalogue, pages)
  const found = pages.get(page) ?? makeReady(catalogue, page)
  pages.set(page, found)
  return found
}

async function makeReady(catalogue: Catalogue, page: VulnerabilityPage): Promise<ReadyIndex> {
  const identity = Buffer.from(renderVulnerabilityPage(catalogue, page))
  return {
    contentType: 'application/json',
    etag: `W/"${createHash('sha256').update(identity).digest('base64url')}"`,
    lastModified: catalogue.changedAt,
    identity,
    gzip: identity.length < 1000 ? undefined : await compress(identity),
    isStale: catalogue.isStale,
  }
}
