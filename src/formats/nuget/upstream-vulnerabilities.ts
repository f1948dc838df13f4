import type { UpstreamIndex, UpstreamSource, Validators } from '../../registry/upstream.ts'
import { isObject, type JsonObject, listOf, objectOf, textOf } from '../json.ts'
import { refusal } from '../upstream-answers.ts'
import { readJson, requestDocument } from './upstream-resources.ts'
import { type Advisories, type Advisory, readAdvisories } from './vulnerabilities.ts'

/** Largest page that is read. Unit: bytes. Ours; the public ones have less than 1 MB. */
const PAGE_BYTES_MAX = 64 * 1024 * 1024

/** Most pages of an index. Source: NuGet documentation, "Vulnerability information". */
const PAGES_MAX = 16

/** What is kept of an upstream's pages: when each was changed last, and all of them together. */
interface Kept {
  readonly updated: readonly string[]
  readonly advisories: Advisories
}

/** The pages of vulnerabilities, together; `address` is that of their index. Throws an upstream's failure. */
export async function readUpstreamVulnerabilities(
  source: UpstreamSource,
  address: string | undefined,
  seen: Validators | undefined,
  before: Buffer | undefined,
): Promise<UpstreamIndex> {
  if (address === undefined) return { kind: 'missing' }
  const response = await requestDocument(source, address, before && seen?.etag)
  if (response === 'missing') return { kind: 'missing' }
  if (response === 'unchanged') return { kind: 'unchanged' }
  const pages = listOf(await readJson(source, response, PAGE_BYTES_MAX)).filter(isObject)
  if (pages.length > PAGES_MAX) throw refusal(source, address, `more than ${PAGES_MAX} pages`)
  const updated = pages.map((page) => `${textOf(page['@name']) ?? ''} ${textOf(page['@updated']) ?? ''}`)
  const etag = response.header('etag')
  const validators = etag === undefined ? {} : { etag }
  if (before && updated.join('\n') === updatedOf(before).join('\n')) return { kind: 'unchanged' }
  const kept: Kept = { updated, advisories: await readPages(source, pages, response.url) }
  return { kind: 'changed', document: Buffer.from(JSON.stringify(kept)), validators }
}

function updatedOf(before: Buffer): string[] {
  return listOf(objectOf(JSON.parse(before.toString('utf8')))['updated']).map(String)
}

/** A page adds to those before it. */
async function readPages(source: UpstreamSource, pages: readonly JsonObject[], base: URL): Promise<Advisories> {
  const all = new Map<string, readonly Advisory[]>()
  for (const page of pages) {
    const url = URL.parse(textOf(page['@id']) ?? '', base)?.href
    const response = url === undefined ? 'missing' : await requestDocument(source, url, undefined)
    if (typeof response === 'string') throw refusal(source, url ?? 'a page of vulnerabilities', response)
    const read = readAdvisories(await readJson(source, response, PAGE_BYTES_MAX))
    for (const [id, advisories] of Object.entries(read)) all.set(id, [...(all.get(id) ?? []), ...advisories])
  }
  return Object.fromEntries(all)
}
