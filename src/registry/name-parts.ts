import type { Write } from '../storage/metadata/metadata.ts'
import type { PackageName } from './names.ts'

/** Longest piece that stands in the index. Unit: characters. Ours. */
const PART_CHARACTERS_MAX = 40
/** Pieces of one name: what begins later is not found. Ours. */
const POSITIONS_MAX = 128

/** A name as it is looked for: its characters, and where what is behind the namespace begins. */
export interface FoldedName {
  readonly path: readonly string[]
  readonly begins: number
}

/** Only Latin letters lose their case, as the databases have it too. */
export function foldText(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

export function foldName({ namespace, name }: Pick<PackageName, 'namespace' | 'name'>): FoldedName {
  const path = [...foldText(namespace === '' ? name : `${namespace}/${name}`)]
  return { path, begins: namespace === '' ? 0 : [...namespace].length + 1 }
}

/** Whether it stands where neither the name nor its namespace begins: such hits are shown last. */
export function isInner(position: number, { begins }: FoldedName): 0 | 1 {
  return position === 0 || position === begins ? 0 : 1
}

/** What stands in the index of a text that is looked for. */
export function partOf(folded: string): string {
  return [...folded].slice(0, PART_CHARACTERS_MAX).join('')
}

export function partAt(position: number, { path }: FoldedName): string {
  return path.slice(position, position + PART_CHARACTERS_MAX).join('')
}

/** For a package that is new in one of the domain's repositories. */
export async function indexName(write: Write, domainId: string, name: PackageName): Promise<void> {
  const folded = foldName(name)
  const rows = folded.path.slice(0, POSITIONS_MAX).map((_character, position) => ({
    domain_id: domainId,
    is_inner: isInner(position, folded),
    part: partAt(position, folded),
    format: name.format,
    namespace: name.namespace,
    name: name.name,
    position,
  }))
  await write.tx
    .insertInto('package_name_parts')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** For a package that is gone from a repository: what no repository of the domain has any more is found no more. */
export async function forgetName(
  write: Write,
  domainId: string,
  name: Pick<PackageName, 'namespace' | 'name'> & { readonly format: string },
): Promise<void> {
  const { format, namespace, name: own } = name
  const left = await write.tx
    .selectFrom('packages')
    .select('id')
    .where('domain_id', '=', domainId)
    .where('format', '=', format)
    .where('namespace', '=', namespace)
    .where('name', '=', own)
    .limit(1)
    .executeTakeFirst()
  if (left) return
  const folded = foldName(name)
  const parts = folded.path.slice(0, POSITIONS_MAX).map((_character, position) => partAt(position, folded))
  await write.tx
    .deleteFrom('package_name_parts')
    .where('domain_id', '=', domainId)
    .where('is_inner', 'in', [0, 1])
    .where('part', 'in', parts)
    .where('format', '=', format)
    .where('namespace', '=', namespace)
    .where('name', '=', own)
    .execute()
}
