import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table from '@cloudscape-design/components/table'
import { useResource } from '../../api/use-resource.ts'
import { pathTo } from '../../routing/match.ts'
import { Loaded } from '../../widgets/loaded.tsx'
import { renderIsoTime } from '../../widgets/texts.ts'

interface Part {
  readonly isHealthy: boolean
  readonly problem?: string
  /** Unit: ms. */
  readonly answeredMs: number
}

interface Upstream {
  readonly name: string
  readonly url: string
  readonly state: 'unused' | 'healthy' | 'failing'
  readonly lastAnswerAt?: string
  readonly problem?: string
  readonly requests: number
  readonly failures: number
}

interface Health {
  readonly checkedAt: string
  readonly processes: number
  readonly database: Part
  readonly blobs: Part
  readonly upstreams: readonly Upstream[]
  readonly jobs: { readonly waiting: number; readonly running: number; readonly failed: number }
}

/** How the parts of the installation are. */
export default function HealthPage() {
  const health = useResource('health', (client, signal) => client.packyard<Health>('GET /health', {}, signal))
  return (
    <SpaceBetween size="l">
      <Header variant="h1" actions={<Button onClick={health.reload}>Look again</Button>}>
        Health
      </Header>
      <Loaded resource={health} what="The health">
        {(found) => (
          <SpaceBetween size="l">
            <Parts health={found} />
            <Upstreams upstreams={found.upstreams} />
          </SpaceBetween>
        )}
      </Loaded>
    </SpaceBetween>
  )
}

function Parts({ health: { database, blobs, jobs, processes, checkedAt } }: { readonly health: Health }) {
  return (
    <Container header={<Header description={`Looked at ${renderIsoTime(checkedAt)}`}>Parts</Header>}>
      <KeyValuePairs
        columns={4}
        items={[
          { label: 'Database', value: <PartStatus part={database} /> },
          { label: 'Blob store', value: <PartStatus part={blobs} /> },
          { label: 'Processes', value: processes },
          {
            label: 'Jobs',
            value: (
              <a href={pathTo(['jobs'])}>
                {jobs.running} running, {jobs.waiting} waiting, {jobs.failed} failed
              </a>
            ),
          },
        ]}
      />
    </Container>
  )
}

function PartStatus({ part: { isHealthy, problem, answeredMs } }: { readonly part: Part }) {
  if (!isHealthy) return <StatusIndicator type="error">{problem ?? 'It does not answer'}</StatusIndicator>
  return <StatusIndicator type="success">Answers in {Math.ceil(answeredMs)} ms</StatusIndicator>
}

function Upstreams({ upstreams }: { readonly upstreams: readonly Upstream[] }) {
  return (
    <Table
      items={upstreams}
      wrapLines
      empty="No external connection is known"
      header={<Header description="As this process has seen them.">External connections</Header>}
      columnDefinitions={[
        { id: 'name', header: 'Connection', isRowHeader: true, cell: ({ name }) => name },
        { id: 'url', header: 'Address', cell: ({ url }) => url },
        { id: 'state', header: 'State', cell: (upstream) => <UpstreamStatus upstream={upstream} /> },
        { id: 'requests', header: 'Requests', cell: ({ requests }) => requests.toLocaleString() },
        { id: 'failures', header: 'Failures', cell: ({ failures }) => failures.toLocaleString() },
        {
          id: 'last',
          header: 'Last answer',
          cell: ({ lastAnswerAt }) => (lastAnswerAt ? renderIsoTime(lastAnswerAt) : '–'),
        },
      ]}
    />
  )
}

function UpstreamStatus({ upstream: { state, problem } }: { readonly upstream: Upstream }) {
  if (state === 'failing') return <StatusIndicator type="error">{problem ?? 'Failing'}</StatusIndicator>
  return <StatusIndicator type={state === 'healthy' ? 'success' : 'stopped'}>{state}</StatusIndicator>
}
