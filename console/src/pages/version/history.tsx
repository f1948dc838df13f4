import Header from '@cloudscape-design/components/header'
import { usePages } from '../../api/use-pages.ts'
import { PagedTable } from '../../widgets/paged-table.tsx'

interface AuditRecord {
  readonly eventId: string
  /** ISO 8601. */
  readonly time: string
  readonly eventName: string
  readonly userName: string
  readonly errorCode?: string
  readonly record: unknown
}

interface AuditPage {
  readonly records: readonly AuditRecord[]
  readonly nextToken?: string
}

/** Who did what with the package, by the audit trail; what speaks of another version is left out. */
export function History({ arn, version }: { readonly arn: string; readonly version: string }) {
  const pages = usePages(`history ${arn}`, async (client, nextToken, signal) => {
    const question = { attribute: 'ResourceName', value: arn, maxResults: 50, nextToken }
    const found = await client.packyard<AuditPage>('GET /audit-records', question, signal)
    return { items: found.records.filter(({ record }) => speaksOf(record, version)), nextToken: found.nextToken }
  })
  return (
    <PagedTable
      what="audit records"
      pages={pages}
      empty="The audit trail says nothing of this package"
      header={<Header description="From the audit trail, newest first.">History</Header>}
      columnDefinitions={[
        { id: 'time', header: 'Time', cell: ({ time }: AuditRecord) => new Date(time).toLocaleString() },
        { id: 'event', header: 'What', isRowHeader: true, cell: ({ eventName }) => eventName },
        { id: 'who', header: 'Who', cell: ({ userName }) => userName },
        { id: 'outcome', header: 'Outcome', cell: ({ errorCode }) => errorCode ?? 'done' },
      ]}
    />
  )
}

/** A record that names versions names this one, or it names none. */
function speaksOf(record: unknown, version: string): boolean {
  const text = JSON.stringify(record)
  return !/"(?:packageVersion|versions)":/.test(text) || text.includes(JSON.stringify(version))
}
