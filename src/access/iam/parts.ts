import type { Metadata } from '../../storage/metadata/metadata.ts'
import type { ArnContext } from '../arns.ts'
import type { Keyring, RandomBytes } from '../keyring.ts'

/** What IAM's functions take first. */
export interface IamParts {
  readonly metadata: Metadata
  readonly keyring: Keyring
  readonly arns: Pick<ArnContext, 'partition'>
  /** Unit: ms since 1970. */
  readonly clock: () => number
  readonly randomBytes: RandomBytes
}

export type Database = Metadata['db']

/** Which part of a list is wanted. */
export interface ListPage {
  readonly size: number
  /** The last name of the page before. */
  readonly after: string | undefined
}

export interface ListedPage<Item> {
  readonly items: readonly Item[]
  /** Undefined after the last page. */
  readonly next: string | undefined
}

/** Takes one item more than a page has, to know whether there is another. */
export function toListedPage<Row, Item>(
  rows: readonly Row[],
  size: number,
  itemOf: (row: Row) => Item,
  nameOf: (row: Row) => string,
): ListedPage<Item> {
  const shown = rows.slice(0, size)
  const last = shown.at(-1)
  return { items: shown.map(itemOf), next: rows.length > size && last !== undefined ? nameOf(last) : undefined }
}
