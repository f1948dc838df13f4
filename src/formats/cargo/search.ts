import type { Reply } from '../../http/call.ts'
import { invalid } from '../../registry/errors.ts'
import type { RepositorySession, SearchHit } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import { readDocument, spellingOf } from './entry.ts'
import { textOf } from '../json.ts'
import { json } from './replies.ts'

/** Crates per answer when the client does not say, and at most. Source: The Cargo Book, "Web API", Search. */
const PER_PAGE_DEFAULT = 10
const PER_PAGE_MAX = 100

/** `GET api/v1/crates?q=`: of the crates that this repository holds itself. */
export async function search(call: PackageCall, session: RepositorySession): Promise<Reply> {
  const query = new URLSearchParams(call.query)
  const size = Math.min(readCount(query, 'per_page', PER_PAGE_DEFAULT), PER_PAGE_MAX)
  const from = (readCount(query, 'page', 1) - 1) * size
  // Nobody remembers which of the two a name has.
  const text = (query.get('q') ?? '').replace(/[-_]/g, ' ')
  const { packages, total } = await session.search({ text, from, size })
  return json(200, { crates: packages.map(renderHit), meta: { total } })
}

function readCount(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name) ?? ''
  if (text === '') return otherwise
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text)
  throw invalid(name, text, 'must be a whole number from 1')
}

function renderHit({ name, version, document }: SearchHit) {
  const description = textOf((readDocument(document).manifest ?? {})['description'])
  return { name: spellingOf(document) ?? name.name, max_version: version, description: description ?? null }
}
