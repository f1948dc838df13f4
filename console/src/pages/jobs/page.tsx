import Button from '@cloudscape-design/components/button'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import Header from '@cloudscape-design/components/header'
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import Table from '@cloudscape-design/components/table'
import { useResource } from '../../api/use-resource.ts'
import { CopiedBlock } from '../../widgets/copied-text.tsx'
import { Loaded } from '../../widgets/loaded.tsx'
import { renderIsoTime } from '../../widgets/texts.ts'
import type { Job } from './job.ts'
import { useProgress } from './use-progress.ts'

const statusTypes: Readonly<Record<Job['state'], StatusIndicatorProps.Type>> = {
  waiting: 'pending',
  running: 'in-progress',
  done: 'success',
  failed: 'error',
}

/** Background work: what waits and runs, then what has ended. */
export default function JobsPage() {
  const jobs = useResource('jobs', (client, signal) => client.packyard<{ jobs: Job[] }>('GET /jobs', {}, signal))
  return (
    <Loaded resource={jobs} what="The jobs">
      {({ jobs: found }) => <JobTable jobs={found} lookAgain={jobs.reload} />}
    </Loaded>
  )
}

function JobTable({ jobs, lookAgain }: { readonly jobs: readonly Job[]; readonly lookAgain: () => void }) {
  return (
    <Table
      items={useProgress(jobs)}
      wrapLines
      empty="No job was asked for yet"
      header={
        <Header
          variant="h1"
          description="What waits and runs, then what has ended, latest first."
          actions={<Button onClick={lookAgain}>Look again</Button>}
        >
          Jobs
        </Header>
      }
      columnDefinitions={[
        { id: 'kind', header: 'Job', isRowHeader: true, cell: ({ kind }) => kind },
        { id: 'state', header: 'State', cell: (job) => <JobState job={job} /> },
        { id: 'due', header: 'Due', cell: ({ dueAt }) => renderIsoTime(dueAt) },
        { id: 'ended', header: 'Ended', cell: ({ endedAt }) => (endedAt ? renderIsoTime(endedAt) : '–') },
        { id: 'more', header: 'What came of it', cell: (job) => <Details job={job} /> },
      ]}
    />
  )
}

function JobState({ job: { state, error } }: { readonly job: Job }) {
  return <StatusIndicator type={statusTypes[state]}>{error ?? state}</StatusIndicator>
}

function Details({ job: { id, input, progress, outcome } }: { readonly job: Job }) {
  return (
    <ExpandableSection headerText="Show" headerAriaLabel={`Show job ${id}`}>
      <CopiedBlock what="details" text={JSON.stringify({ input, progress, outcome }, null, 2)} />
    </ExpandableSection>
  )
}
