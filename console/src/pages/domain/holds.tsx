import Header from '@cloudscape-design/components/header'
import { useState } from 'react'
import type { InDomain } from '../../api/codeartifact.ts'
import { useAction } from '../../api/use-action.ts'
import { usePages } from '../../api/use-pages.ts'
import { useNotices } from '../../frame/notices.tsx'
import { PermittedButton } from '../../permissions/permitted-button.tsx'
import { PagedTable } from '../../widgets/paged-table.tsx'
import { renderIsoTime } from '../../widgets/texts.ts'
import { AddHold } from './add-hold.tsx'

interface Hold {
  readonly id: string
  readonly repository?: string
  readonly pattern: string
  readonly version: string
  readonly against: string
  readonly reason: string
  readonly createdBy: string
  /** ISO 8601. */
  readonly endsAt?: string
}

interface HoldPage {
  readonly holds: readonly Hold[]
  readonly nextToken?: string
}

interface HoldsProps {
  readonly place: InDomain
  readonly arn: string
}

/** What is kept from removal, and until when. */
export function Holds({ place, arn }: HoldsProps) {
  const [isAdding, setAdding] = useState(false)
  const notices = useNotices()
  const { isBusy, run } = useAction()
  const pages = usePages(`holds ${arn}`, async (client, nextToken, signal) => {
    const found = await client.packyard<HoldPage>('GET /holds', { ...place, maxResults: 50, nextToken }, signal)
    return { items: found.holds, nextToken: found.nextToken }
  })
  const remove = async ({ id, pattern }: Hold) => {
    const isDone = await run('The hold was not taken back', (client) => client.packyard(`DELETE /holds/${id}`, place))
    if (!isDone) return
    notices.succeed(`The hold on ${pattern} was taken back`)
    pages.reload()
  }
  return (
    <>
      <PagedTable
        what="holds"
        pages={pages}
        header={
          <Header
            description="Versions that retention, or anybody, may not remove."
            actions={
              <PermittedButton action="packyard:AddHold" resource={arn} onClick={() => setAdding(true)}>
                Add hold
              </PermittedButton>
            }
          >
            Holds
          </Header>
        }
        columnDefinitions={[
          { id: 'pattern', header: 'Packages', isRowHeader: true, cell: ({ pattern }: Hold) => pattern },
          { id: 'version', header: 'Versions', cell: ({ version }) => version },
          { id: 'repository', header: 'Repository', cell: ({ repository }) => repository ?? 'every' },
          { id: 'against', header: 'Kept from', cell: ({ against }) => against },
          { id: 'reason', header: 'Why', cell: ({ reason }) => reason },
          { id: 'who', header: 'By', cell: ({ createdBy }) => createdBy },
          { id: 'ends', header: 'Ends', cell: ({ endsAt }) => (endsAt ? renderIsoTime(endsAt) : 'never') },
          {
            id: 'remove',
            header: 'Take back',
            cell: (hold) => (
              <PermittedButton
                variant="inline-link"
                action="packyard:RemoveHold"
                resource={arn}
                disabled={isBusy}
                ariaLabel={`Take back the hold on ${hold.pattern}`}
                onClick={() => void remove(hold)}
              >
                Take back
              </PermittedButton>
            ),
          },
        ]}
      />
      {isAdding ? <AddHold place={place} onAdded={pages.reload} onEnd={() => setAdding(false)} /> : null}
    </>
  )
}
