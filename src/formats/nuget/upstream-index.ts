import type { PackageName } from '../../registry/names.ts'
import type { UpstreamSource } from '../../registry/upstream.ts'
import { isObject, type JsonObject, listOf, objectOf, textOf, textsOf } from '../json.ts'
import { readLeaf, type UpstreamLeaf } from './upstream-entry.ts'
import { refusal } from '../upstream-answers.ts'
import { readJson, requestDocument } from './upstream-resources.ts'

/** Largest index, list or page that is read. Unit: bytes. Ours; real ones have up to 10 MB. */
const INDEX_BYTES_MAX = 64 * 1024 * 1024

/** Most pages of one package. Ours; the largest public packages have some 100. */
const PAGES_MAX = 1000

/** Pages that are read at once. Ours. */
const PAGES_AT_ONCE = 4

/** What is kept of an upstream's index: its list, and its registration page by page. */
export interface UpstreamDocument {
  readonly flatContainer: string | undefined
  readonly versions: readonly string[] | undefined
  readonly pages: readonly UpstreamPage[]
}

export interface UpstreamPage {
  readonly url: string
  /** Changes when the page does; undefined where the upstream does not say. */
  readonly stamp: string | undefined
  readonly leaves: readonly UpstreamLeaf[]
}

type Part<T> =
  | { readonly kind: 'changed' | 'unchanged'; readonly content: T; readonly etag: string | undefined }
  | { readonly kind: 'missing'; readonly content?: undefined; readonly etag?: undefined }

/** `{id}/index.json` of the flat container. */
export async function readFlatList(
  source: UpstreamSource,
  base: string,
  { name }: PackageName,
  before: UpstreamDocument | undefined,
  etag: string | undefined,
): Promise<Part<readonly string[]>> {
  const known = before?.versions
  const response = await requestDocument(source, `${base}${name}/index.json`, known && etag)
  if (response === 'missing') return { kind: 'missing' }
  if (response === 'unchanged') return { kind: 'unchanged', content: known ?? [], etag }
  const versions = objectOf(await readJson(source, response, INDEX_BYTES_MAX))['versions']
  if (!Array.isArray(versions)) throw refusal(source, response.url.href, 'something without versions')
  return { kind: 'changed', content: textsOf(versions), etag: response.header('etag') }
}

/** `{id}/index.json` of the registrations, with those of its pages that stand by themselves. */
export async function readRegistration(
  source: UpstreamSource,
  base: string,
  { name }: PackageName,
  before: UpstreamDocument | undefined,
  etag: string | undefined,
): Promise<Part<readonly UpstreamPage[]>> {
  const response = await requestDocument(source, `${base}${name}/index.json`, before && etag)
  if (response === 'missing') return { kind: 'missing' }
  if (response === 'unchanged') return { kind: 'unchanged', content: before?.pages ?? [], etag }
  const items = objectOf(await readJson(source, response, INDEX_BYTES_MAX))['items']
  if (!Array.isArray(items) || items.length > PAGES_MAX) {
    throw refusal(source, response.url.href, 'something that is no registration')
  }
  const content: UpstreamPage[] = []
  for (let at = 0; at < items.length; at += PAGES_AT_ONCE) {
    const pages = items.slice(at, at + PAGES_AT_ONCE).filter(isObject)
    content.push(...(await Promise.all(pages.map((page) => readPage(source, page, response.url, before)))))
  }
  return { kind: 'changed', content, etag: response.header('etag') }
}

/** As it stands in the index, as it was kept, or from its own address. */
async function readPage(
  source: UpstreamSource,
  page: JsonObject,
  base: URL,
  before: UpstreamDocument | undefined,
): Promise<UpstreamPage> {
  const url = URL.parse(textOf(page['@id']) ?? '', base)?.href
  if (url === undefined) throw refusal(source, base.href, 'a page without an address')
  const stamp = textOf(page['commitTimeStamp'])
  if (Array.isArray(page['items'])) return { url, stamp, leaves: leavesOf(page, base) }
  const known = before?.pages.find((each) => each.url === url && each.stamp === stamp)
  if (known && stamp !== undefined) return known
  const response = await requestDocument(source, url, undefined)
  if (typeof response === 'string') throw refusal(source, url, response)
  const whole = objectOf(await readJson(source, response, INDEX_BYTES_MAX))
  return { url, stamp, leaves: leavesOf(whole, response.url) }
}

function leavesOf(page: JsonObject, base: URL): UpstreamLeaf[] {
  return listOf(page['items']).flatMap((leaf) => readLeaf(leaf, base) ?? [])
}
