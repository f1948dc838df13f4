import { sql } from 'kysely'
import type { Metadata } from '../storage/metadata/metadata.ts'
import { pathAppearanceKey } from './group-keys.ts'
import { packagePath, parseGroupPattern } from './group-pattern.ts'
import type { FormatId } from './names.ts'

/** Rows per transaction. Ours. */
const BATCH = 1000

/** Completes groups and packages that an older version wrote, which had no such keys. One look where there are none. */
export async function fillGroupKeys(metadata: Metadata): Promise<void> {
  while ((await fillGroups(metadata)) === BATCH);
  while ((await fillPackages(metadata)) === BATCH);
}

async function fillGroups(metadata: Metadata): Promise<number> {
  const query = metadata.db.selectFrom('package_groups').select(['id', 'pattern']).where('spelling_key', 'is', null)
  const rows = await query.limit(BATCH).execute()
  if (rows.length === 0) return 0
  await metadata.write(async ({ tx }) => {
    for (const { id, pattern } of rows) {
      const { spellingKey, appearanceKey } = parseGroupPattern(pattern)
      const keys = { spelling_key: spellingKey, appearance_key: appearanceKey }
      await tx.updateTable('package_groups').set(keys).where('id', '=', id).execute()
    }
  })
  return rows.length
}

/** There may be a million of them: many to a statement. */
async function fillPackages(metadata: Metadata): Promise<number> {
  const rows = await metadata.db
    .selectFrom('packages')
    .select(['id', 'format', 'namespace', 'name'])
    .where('appearance_key', 'is', null)
    .limit(BATCH)
    .execute()
  if (rows.length === 0) return 0
  const keys = rows.map(({ id, format, namespace, name }) => {
    return sql`(${id}, ${pathAppearanceKey(packagePath({ format: format as FormatId, namespace, name }))})`
  })
  await metadata.write(async ({ tx }) => {
    await sql`update packages set appearance_key = given.column2
      from (values ${sql.join(keys)}) as given where packages.id = given.column1`.execute(tx)
  })
  return rows.length
}
