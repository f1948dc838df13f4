import type { PackageGroupAddress } from './addresses.ts'
import {
  type AssociationStrength,
  createGroupDirectory,
  type GroupDirectory,
  type PatternHolder,
} from './group-association.ts'
import { type GroupPattern, isWordEnd, packagePath, parseGroupPattern } from './group-pattern.ts'
import { readGroups } from './group-rows.ts'
import { requireGroup } from './groups.ts'
import { requireDomain } from './lookup.ts'
import type { FormatId, PackageName } from './names.ts'
import { type Page, type PageRequest, prefixEnd } from './pages.ts'
import type { RegistryParts } from './parts.ts'

export interface AssociatedPackage {
  readonly name: PackageName
  readonly strength: AssociationStrength
}

/** Packages read at a time: few after others were stepped over, then more and more. Ours. */
const BATCH_MIN = 16
const BATCH_MAX = 500

/**
 * The packages of a domain, in whichever repositories, that a group speaks for. `preview`: that it would speak for if it
 * were there. In the order of what they look like: all that one pattern can claim stands together in that order, so
 * that packages of other groups are stepped over. Throws `missing` or `invalid`.
 */
export async function listAssociatedPackages(
  parts: RegistryParts,
  address: PackageGroupAddress,
  wanted: 'existing' | 'preview',
  page: PageRequest,
): Promise<Page<AssociatedPackage>> {
  const { db } = parts.metadata
  const { domainId, groups, pattern } =
    wanted === 'preview' ? await previewGroup(parts, address) : await existingGroup(parts, address)
  const items: AssociatedPackage[] = []
  const end = pattern.end === '$' ? `${pattern.appearance}\u0001` : prefixEnd(pattern.appearance)
  let after = toPosition(page.after) ?? before(pattern.appearance)
  for (let size = BATCH_MIN; ; size = Math.min(size * 2, BATCH_MAX)) {
    const rows = await readBatch(db, domainId, { after, end, size })
    let others: string | undefined
    for (const row of rows) {
      if (others !== undefined && row.appearance.startsWith(others)) continue
      const name: PackageName = { format: row.format as FormatId, namespace: row.namespace, name: row.name }
      const { group, strength } = groups.associate(packagePath(name), row.appearance)
      if (group.pattern.text === pattern.text) {
        if (items.length === page.size) return { items, next: fromPosition(after) }
        items.push({ name, strength })
      } else {
        others = prefixOfOthers(pattern, widest(groups, group, pattern), row.appearance)
      }
      after = row
    }
    const last = rows.at(-1)
    if (!last || rows.length < size) return { items, next: undefined }
    if (others === undefined || !last.appearance.startsWith(others)) continue
    after = before(prefixEnd(others))
    size = BATCH_MIN / 2
  }
}

interface Sought {
  readonly domainId: string
  readonly groups: GroupDirectory<PatternHolder>
  readonly pattern: GroupPattern
}

async function existingGroup(parts: RegistryParts, address: PackageGroupAddress): Promise<Sought> {
  const { domain, group, groups } = await requireGroup(parts.metadata.db, address)
  return { domainId: domain.id, groups, pattern: group.pattern }
}

async function previewGroup(parts: RegistryParts, address: PackageGroupAddress): Promise<Sought> {
  const pattern = parseGroupPattern(address.pattern)
  const { db } = parts.metadata
  const { id: domainId } = await requireDomain(db, address)
  const groups = await readGroups(db, domainId)
  if (groups.find(pattern.text)) return { domainId, groups, pattern }
  return { domainId, groups: createGroupDirectory<PatternHolder>([...groups.all, { pattern }]), pattern }
}

/** A place in the order of the listing. */
interface Position {
  readonly appearance: string
  readonly format: string
  readonly namespace: string
  readonly name: string
}

function before(appearance: string): Position {
  return { appearance, format: '', namespace: '', name: '' }
}

function toPosition(key: PageRequest['after']): Position | undefined {
  if (!key) return undefined
  const [appearance = '', format = '', namespace = '', name = ''] = key.map(String)
  return { appearance, format, namespace, name }
}

function fromPosition({ appearance, format, namespace, name }: Position) {
  return [appearance, format, namespace, name]
}

async function readBatch(
  db: RegistryParts['metadata']['db'],
  domainId: string,
  { after, end, size }: { readonly after: Position; readonly end: string; readonly size: number },
) {
  const rows = await db
    .selectFrom('packages')
    .select(['appearance', 'format', 'namespace', 'name'])
    .distinct()
    .where('domain_id', '=', domainId)
    .where((eb) =>
      eb(
        eb.refTuple('appearance', 'format', 'namespace', 'name'),
        '>',
        eb.tuple(after.appearance, after.format, after.namespace, after.name),
      ),
    )
    .where('appearance', '<', end)
    .orderBy('appearance')
    .orderBy('format')
    .orderBy('namespace')
    .orderBy('name')
    .limit(size)
    .execute()
  return rows.map((row) => ({ ...row, appearance: row.appearance ?? '' }))
}

/** The largest group around this one that still stands below `pattern`: all that it holds belongs to others too. */
function widest(groups: Sought['groups'], group: PatternHolder, pattern: GroupPattern): GroupPattern {
  let found = group.pattern
  for (let at = groups.parentOf(group); at; at = groups.parentOf(at)) {
    if (at.pattern.appearance.length <= pattern.appearance.length) break
    found = at.pattern
  }
  return found
}

/**
 * Given that this appearance belongs to `other`, the longest of its beginnings under which nothing belongs to `pattern`;
 * undefined when the next one may. What begins with a longer pattern goes to that one or to one longer still; what
 * begins with `pattern` but goes on with the same word goes to a shorter one.
 */
function prefixOfOthers(pattern: GroupPattern, other: GroupPattern, appearance: string): string | undefined {
  const isLonger = other.appearance.length > pattern.appearance.length
  const length = isLonger ? other.appearance.length : pattern.appearance.length
  if (isLonger && other.end === '*') return appearance.slice(0, length)
  if (other.appearance.length === pattern.appearance.length && other.end === pattern.end) return undefined
  // Whether a word ends here is the same for all that go on with the same character.
  const next = appearance.codePointAt(length)
  const isOthers = isWordEnd(appearance, length) ? other.end === '~' : pattern.end === '~' && !isLonger
  return next !== undefined && isOthers ? appearance.slice(0, length) + String.fromCodePoint(next) : undefined
}
