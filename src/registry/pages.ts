/** Where a page ends: the key of its last row, in the order of the listing. */
export type PageKey = readonly (string | number)[]

/** The part of a listing that is asked for. */
export interface PageRequest {
  /** Rows per page at most. */
  readonly size: number
  /** The `next` of the page before. */
  readonly after?: PageKey
}

export interface Page<Item> {
  readonly items: readonly Item[]
  /** Undefined on the last page. */
  readonly next: PageKey | undefined
}

/** Rows that one more than `size` were asked for, so that the last page is known as such. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  size: number,
  shape: { readonly keyOf: (row: Row) => PageKey; readonly itemOf: (row: Row) => Item },
): Page<Item> {
  const shown = rows.slice(0, size)
  const last = shown.at(-1)
  const isLastPage = rows.length <= size
  return { items: shown.map(shape.itemOf), next: isLastPage || !last ? undefined : shape.keyOf(last) }
}

/** Sorts after every text that starts with `prefix`, byte by byte, and before all others that sort after `prefix`. */
export function prefixEnd(prefix: string): string {
  return `${prefix}\u{10ffff}`
}
