import type { DomainAddress, RepositoryAddress } from './addresses.ts'
import { type Database, requireDomain, requireReadable } from './lookup.ts'
import { foldName, foldText, type FoldedName, isInner, partAt, partOf } from './name-parts.ts'
import type { FormatId, PackageName } from './names.ts'
import { type Page, type PageKey, type PageRequest, prefixEnd, toPage } from './pages.ts'
import type { RegistryParts } from './parts.ts'

export interface NameQuery {
  readonly address: DomainAddress & Partial<Pick<RepositoryAddress, 'repository'>>
  readonly format?: FormatId | undefined
  /** Any piece of a name, or of its namespace, `/` and its name; '' for all. In any case. */
  readonly text: string
}

/** Names looked at for one page: a page may be short, or empty, with more behind it. Ours. */
const CANDIDATES_MAX = 2000
/** Names read in one go. Ours. */
const BATCH = 500
/** A repository with no more packages than this is looked through as a whole. Ours. */
const SMALL_REPOSITORY = 2000

/** A hit, and where it stands in the order: names that begin so first, then those that have it inside. */
interface Hit {
  readonly inner: number
  readonly part: string
  readonly name: PackageName
}

/**
 * Packages with this in their name, by an index: what it costs depends on the page, not on the domain. Throws `missing`.
 */
export async function searchNames(
  parts: RegistryParts,
  query: NameQuery,
  page: PageRequest,
): Promise<Page<PackageName>> {
  const { db } = parts.metadata
  const wanted = foldText(query.text.replace(/^@/, '').replace(':', '/'))
  const { domain, repository } = query.address
  if (repository === undefined) {
    const { id } = await requireDomain(db, query.address)
    return searchIndex(db, { domainId: id, repositoryId: undefined, wanted, format: query.format }, page)
  }
  const found = await requireReadable(db, { ...query.address, domain, repository })
  const scope = { domainId: found.domain.id, repositoryId: found.repository.id, wanted, format: query.format }
  const few = await readFew(db, scope)
  return few ? pageOf(few, page) : searchIndex(db, scope, page)
}

interface Scope {
  readonly domainId: string
  readonly repositoryId: string | undefined
  readonly wanted: string
  readonly format: FormatId | undefined
}

async function searchIndex(db: Database, scope: Scope, { size, after }: PageRequest): Promise<Page<PackageName>> {
  const hits: Hit[] = []
  let from = after
  for (let seen = 0; seen < CANDIDATES_MAX && hits.length <= size; ) {
    const inner = Number(from?.[0] ?? 0)
    const rows = await readParts(db, scope, inner, from)
    hits.push(...(await keepHeld(db, scope, rows.filter((row) => isBest(row, scope.wanted)).map(toHit))))
    seen += rows.length
    const last = rows.at(-1)
    if (last && rows.length === BATCH) from = keyOf(toHit(last))
    else if (inner === 0) from = [1]
    else return toPage(hits.slice(0, size + 1), size, { keyOf, itemOf: ({ name }) => name })
  }
  if (hits.length > size) return toPage(hits.slice(0, size + 1), size, { keyOf, itemOf: ({ name }) => name })
  return { items: hits.map(({ name }) => name), next: from }
}

type PartRow = Awaited<ReturnType<typeof readParts>>[number]

/** One range of the primary key, in its order. */
function readParts(db: Database, { domainId, wanted, format }: Scope, inner: number, after: PageKey | undefined) {
  const begin = partOf(wanted)
  const [, part, ...rest] = (after ?? []).map(String)
  return db
    .selectFrom('package_name_parts')
    .select(['is_inner', 'part', 'format', 'namespace', 'name', 'position'])
    .where('domain_id', '=', domainId)
    .where('is_inner', '=', inner)
    .where('part', '>=', part ?? begin)
    .where('part', '<', prefixEnd(begin))
    .$if(part !== undefined, (query) => {
      const [afterFormat = '', namespace = '', name = ''] = rest
      return query.where((eb) =>
        eb(eb.refTuple('part', 'format', 'namespace', 'name'), '>', eb.tuple(part ?? '', afterFormat, namespace, name)),
      )
    })
    .$if(format !== undefined, (query) => query.where('format', '=', format ?? ''))
    .orderBy('part')
    .orderBy('format')
    .orderBy('namespace')
    .orderBy('name')
    .limit(BATCH)
    .execute()
}

/** A name that has it more than once is one hit, at the place that counts most. */
function isBest(row: PartRow, wanted: string): boolean {
  return bestPosition(foldName(row), wanted) === row.position
}

/** Undefined where it is not. */
function bestPosition(folded: FoldedName, wanted: string): number | undefined {
  const { path, begins } = folded
  const text = path.join('')
  if (text.startsWith(wanted)) return 0
  if (path.slice(begins).join('').startsWith(wanted)) return begins
  const at = text.indexOf(wanted)
  return at < 0 ? undefined : Array.from(text.slice(0, at)).length
}

function toHit({ is_inner: inner, part, format, namespace, name }: PartRow): Hit {
  return { inner, part, name: { format: format as FormatId, namespace, name } }
}

/** Those that the repository that was asked for holds itself. */
async function keepHeld(db: Database, { repositoryId }: Scope, hits: readonly Hit[]): Promise<readonly Hit[]> {
  if (repositoryId === undefined || hits.length === 0) return hits
  const rows = await db
    .selectFrom('packages')
    .select(['format', 'namespace', 'name'])
    .where('repository_id', '=', repositoryId)
    .where((eb) =>
      eb(
        eb.refTuple('format', 'namespace', 'name'),
        'in',
        hits.map(({ name }) => eb.tuple(name.format as string, name.namespace, name.name)),
      ),
    )
    .execute()
  const held = new Set(rows.map((row) => JSON.stringify([row.format, row.namespace, row.name])))
  return hits.filter(({ name }) => held.has(JSON.stringify([name.format, name.namespace, name.name])))
}

/** Every hit of a repository that has few packages; undefined for one that has many. */
async function readFew(db: Database, { repositoryId, wanted, format }: Scope): Promise<readonly Hit[] | undefined> {
  const rows = await db
    .selectFrom('packages')
    .select(['format', 'namespace', 'name'])
    .where('repository_id', '=', repositoryId ?? '')
    .orderBy('format')
    .orderBy('namespace')
    .orderBy('name')
    .limit(SMALL_REPOSITORY + 1)
    .execute()
  if (rows.length > SMALL_REPOSITORY) return undefined
  return rows.flatMap((row): Hit[] => {
    if (format !== undefined && row.format !== format) return []
    const folded = foldName(row)
    const position = bestPosition(folded, wanted)
    if (position === undefined) return []
    const name = { ...row, format: row.format as FormatId }
    return [{ inner: isInner(position, folded), part: partAt(position, folded), name }]
  })
}

function pageOf(hits: readonly Hit[], { size, after }: PageRequest): Page<PackageName> {
  const ordered = hits.toSorted((left, right) => compareKeys(keyOf(left), keyOf(right)))
  const begin = after === undefined ? 0 : ordered.findIndex((hit) => compareKeys(keyOf(hit), after) > 0)
  const rows = begin < 0 ? [] : ordered.slice(begin, begin + size + 1)
  return toPage(rows, size, { keyOf, itemOf: ({ name }) => name })
}

function keyOf({ inner, part, name }: Hit): PageKey {
  return [inner, part, name.format, name.namespace, name.name]
}

/** By bytes, as the databases do. */
function compareKeys(left: PageKey, right: PageKey): number {
  for (const [index, text] of left.entries()) {
    const order = Buffer.compare(Buffer.from(String(text)), Buffer.from(String(right[index] ?? '')))
    if (order !== 0) return order
  }
  return 0
}
