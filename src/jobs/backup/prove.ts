import { mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'

import type { Bundle } from '../../storage/bundle/bundle.ts'
import type { OpenRowImport } from '../../storage/metadata/row-import.ts'
import { checkBundle, importRows } from './check-bundle.ts'

/**
 * Restores the rows of a snapshot into a database of its own, which is thrown away, and looks for every blob that they
 * need. Throws what keeps it from being restored.
 */
export async function prove(
  bundle: Bundle,
  snapshot: string,
  how: {
    readonly blobs: 'read' | 'look for'
    /** Of a new SQLite file. */
    readonly openImport: (file: string) => OpenRowImport
  },
): Promise<void> {
  const manifest = await checkBundle(bundle, snapshot, how.blobs)
  const folder = await mkdtemp(path.join(bundle.folder, '.unfinished', 'proof-'))
  try {
    const into = await how.openImport(path.join(folder, 'packyard.db'))(manifest.schemaVersion)
    try {
      await importRows(bundle, snapshot, manifest, into)
      await into.commit()
    } finally {
      await into.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
