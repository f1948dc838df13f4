import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Pagination from '@cloudscape-design/components/pagination'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import type { Pages } from '../api/use-pages.ts'
import { Failure } from '../frame/notices.tsx'

interface PagedTableProps<T> extends Omit<TableProps<T>, 'items' | 'loading' | 'pagination' | 'empty'> {
  readonly pages: Pages<T>
  /** What the rows are, in the plural: `packages`. */
  readonly what: string
  /** What stands there when there is no row. */
  readonly empty?: string
}

/** A list of the server, page by page. */
export function PagedTable<T>({ pages, what, empty = `No ${what}`, ...table }: PagedTableProps<T>) {
  if (pages.error) {
    return (
      <Alert
        type="error"
        header={`The ${what} cannot be shown`}
        action={<Button onClick={pages.reload}>Try again</Button>}
      >
        <Failure thrown={pages.error} />
      </Alert>
    )
  }
  return (
    <Table
      {...table}
      items={pages.items}
      loading={pages.isLoading && pages.items.length === 0}
      loadingText={`Loading ${what}`}
      wrapLines
      empty={<Box color="text-body-secondary">{empty}</Box>}
      pagination={pages.pagesKnown > 1 ? <TablePagination pages={pages} what={what} /> : undefined}
    />
  )
}

function TablePagination({ pages, what }: { readonly pages: Pages<unknown>; readonly what: string }) {
  const { page, pagesKnown, hasMore, goTo, isLoading } = pages
  return (
    <Pagination
      currentPageIndex={page}
      pagesCount={pagesKnown}
      openEnd={hasMore}
      disabled={isLoading}
      onChange={({ detail }) => goTo(Math.min(detail.currentPageIndex, pagesKnown))}
      ariaLabels={{
        nextPageLabel: `Next page of ${what}`,
        previousPageLabel: `Previous page of ${what}`,
        pageLabel: (number) => `Page ${number} of ${what}`,
      }}
    />
  )
}
