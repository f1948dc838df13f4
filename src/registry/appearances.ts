import type { Metadata } from '../storage/metadata/metadata.ts'
import { packagePath } from './group-pattern.ts'
import { appearanceOf } from './look-alike.ts'
import type { FormatId } from './names.ts'

/** Rows per transaction. Ours. */
const BATCH = 500

/** Completes packages that an older version wrote, which did not know what they look like. One look when there are none. */
export async function fillAppearances(metadata: Metadata): Promise<void> {
  for (;;) {
    const rows = await metadata.db
      .selectFrom('packages')
      .select(['id', 'format', 'namespace', 'name'])
      .where('appearance', 'is', null)
      .limit(BATCH)
      .execute()
    if (rows.length === 0) return
    await metadata.write(async ({ tx }) => {
      for (const { id, format, namespace, name } of rows) {
        const appearance = appearanceOf(packagePath({ format: format as FormatId, namespace, name }))
        await tx.updateTable('packages').set({ appearance }).where('id', '=', id).execute()
      }
    })
  }
}
