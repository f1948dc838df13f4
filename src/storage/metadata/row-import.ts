import type { Table } from './catalog.ts'
import type { Row } from './row-export.ts'

/** A database whose rows are replaced, all at once. */
export interface RowImport {
  /** Removes every row of these tables, which must stand in the order of `readTables`. */
  clear(tables: readonly Table[]): Promise<void>
  insert(table: Table, rows: readonly Row[]): Promise<void>
  /** Makes it last, and brings the tables up to date. Until then nothing has happened but that there are tables. */
  commit(): Promise<void>
  /** Without `commit` it undoes everything. */
  close(): Promise<void>
}

/** Opens the database with the tables of that version, which may be older than ours. Throws when it has newer ones. */
export type OpenRowImport = (schemaVersion: number) => Promise<RowImport>
