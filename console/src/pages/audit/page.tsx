import ExpandableSection from '@cloudscape-design/components/expandable-section'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import Select from '@cloudscape-design/components/select'
import { usePages } from '../../api/use-pages.ts'
import { useQueryParameter } from '../../routing/location.ts'
import { CopiedBlock } from '../../widgets/copied-text.tsx'
import { PagedTable } from '../../widgets/paged-table.tsx'
import { renderIsoTime } from '../../widgets/texts.ts'
import { useSettled } from '../../widgets/use-settled.ts'

interface AuditRecord {
  readonly eventId: string
  /** ISO 8601. */
  readonly time: string
  readonly eventName: string
  readonly eventSource: string
  readonly userName: string
  readonly userArn: string
  readonly sourceAddress?: string
  readonly errorCode?: string
  readonly errorMessage?: string
  readonly resources: readonly string[]
  readonly record: unknown
}

interface AuditPage {
  readonly records: readonly AuditRecord[]
  readonly nextToken?: string
}

/** By what records can be found. Source: CloudTrail API Reference, "LookupAttribute". */
const attributes = [
  { value: '', label: 'Everything' },
  { value: 'EventName', label: 'What was done' },
  { value: 'Username', label: 'User name' },
  { value: 'ResourceName', label: 'Resource' },
  { value: 'EventSource', label: 'Service' },
  { value: 'AccessKeyId', label: 'Access key' },
]

/** Who did what, and what was refused. */
export default function AuditPage() {
  const [attribute, setAttribute] = useQueryParameter('attribute')
  const [value, setValue] = useQueryParameter('value')
  const wanted = useSettled(value.trim())
  const pages = usePages(`audit ${attribute} ${wanted}`, async (client, nextToken, signal) => {
    const filter = attribute !== '' && wanted !== '' ? { attribute, value: wanted } : {}
    const input = { ...filter, maxResults: 50, nextToken }
    const found = await client.packyard<AuditPage>('GET /audit-records', input, signal)
    return { items: found.records, nextToken: found.nextToken }
  })
  return (
    <PagedTable
      what="audit records"
      pages={pages}
      header={
        <Header variant="h1" description="What was done in this account and to what it owns, newest first.">
          Audit
        </Header>
      }
      filter={
        <div className="filters">
          <Select
            ariaLabel="Find by"
            options={attributes}
            selectedOption={attributes.find((each) => each.value === attribute) ?? null}
            onChange={({ detail }) => setAttribute(detail.selectedOption.value ?? '')}
          />
          <Input
            type="search"
            clearAriaLabel="Clear"
            ariaLabel="Value to find"
            placeholder="The whole value"
            value={value}
            disabled={attribute === ''}
            onChange={({ detail }) => setValue(detail.value)}
          />
        </div>
      }
      columnDefinitions={columns}
    />
  )
}

const columns = [
  { id: 'time', header: 'Time', minWidth: 190, cell: ({ time }: AuditRecord) => renderIsoTime(time) },
  { id: 'what', header: 'What', isRowHeader: true, cell: ({ eventName }: AuditRecord) => eventName },
  { id: 'who', header: 'Who', cell: ({ userName }: AuditRecord) => userName },
  { id: 'outcome', header: 'Outcome', cell: ({ errorCode }: AuditRecord) => errorCode ?? 'done' },
  {
    id: 'resources',
    header: 'Resources',
    width: 380,
    cell: ({ resources }: AuditRecord) => (
      <div className="anywhere">
        {resources.map((resource) => (
          <div key={resource}>{resource}</div>
        ))}
      </div>
    ),
  },
  {
    id: 'record',
    header: 'Record',
    minWidth: 120,
    cell: ({ eventId, record }: AuditRecord) => (
      <ExpandableSection headerText="Show" headerAriaLabel={`Show record ${eventId}`}>
        <CopiedBlock what="record" text={JSON.stringify(record, null, 2)} />
      </ExpandableSection>
    ),
  },
]
