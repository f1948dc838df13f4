import BarChart from '@cloudscape-design/components/bar-chart'
import Box from '@cloudscape-design/components/box'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SegmentedControl from '@cloudscape-design/components/segmented-control'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import { useResource } from '../../api/use-resource.ts'
import { useQueryParameter } from '../../routing/location.ts'
import { Loaded } from '../../widgets/loaded.tsx'
import { renderBytes } from '../../widgets/texts.ts'

interface Figures {
  readonly requests: number
  readonly bytes: number
}

interface DailyAnswer {
  readonly days: readonly (Figures & { readonly day: string })[]
}

interface TopAnswer {
  readonly rows: readonly (Figures & { readonly name: string })[]
}

/** How much is read, by day and by what or whom. */
export default function UsagePage() {
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description="What was read from what this account owns, in the last 30 days.">
        Usage
      </Header>
      <Daily />
      <Top />
    </SpaceBetween>
  )
}

function Daily() {
  const daily = useResource('usage by day', async (client, signal) => {
    const { days } = await client.packyard<DailyAnswer>('GET /usage/daily', {}, signal)
    return { days, shown: lastDays(new Date()) }
  })
  return (
    <Container header={<Header variant="h2">Requests by day</Header>}>
      <Loaded resource={daily} what="The usage">
        {({ days, shown }) => (
          <BarChart
            height={240}
            hideFilter
            hideLegend
            ariaLabel="Requests by day"
            xScaleType="categorical"
            xTitle="Day"
            yTitle="Requests"
            xDomain={shown}
            series={[
              { type: 'bar', title: 'Requests', data: days.map(({ day, requests }) => ({ x: day, y: requests })) },
            ]}
            empty={<Box textAlign="center">Nothing was read in these days</Box>}
            i18nStrings={{ xTickFormatter: (day) => day.slice('2026-'.length) }}
          />
        )}
      </Loaded>
    </Container>
  )
}

/** As many as the server counts unless asked for others. Unit: days. */
const DAYS_SHOWN = 30

const DAY_MS = 86_400_000

/** `2026-01-31`, up to and with the day that it is now. */
function lastDays(now: Date): string[] {
  return Array.from({ length: DAYS_SHOWN }, (_, index) => {
    return new Date(now.getTime() - (DAYS_SHOWN - 1 - index) * DAY_MS).toISOString().slice(0, 10)
  })
}

const kinds = [
  { id: 'package', text: 'Packages' },
  { id: 'repository', text: 'Repositories' },
  { id: 'domain', text: 'Domains' },
  { id: 'principal', text: 'Principals' },
]

function Top() {
  const [chosen, choose] = useQueryParameter('by')
  const by = kinds.some(({ id }) => id === chosen) ? chosen : 'package'
  const top = useResource(`usage by ${by}`, (client, signal) => {
    return client.packyard<TopAnswer>('GET /usage', { by }, signal)
  })
  return (
    <SpaceBetween size="m">
      <SegmentedControl
        label="Most used"
        selectedId={by}
        options={kinds}
        onChange={({ detail }) => choose(detail.selectedId)}
      />
      <Loaded resource={top} what="The usage">
        {({ rows }) => (
          <Table
            items={rows}
            empty="Nothing was read in these days"
            header={<Header>Most used</Header>}
            wrapLines
            columnDefinitions={[
              { id: 'name', header: 'Name', isRowHeader: true, cell: ({ name }) => name },
              { id: 'requests', header: 'Requests', cell: ({ requests }) => requests.toLocaleString() },
              { id: 'bytes', header: 'Sent', cell: ({ bytes }) => renderBytes(bytes) },
            ]}
          />
        )}
      </Loaded>
    </SpaceBetween>
  )
}
