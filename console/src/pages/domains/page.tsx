import Header from '@cloudscape-design/components/header'
import Link from '@cloudscape-design/components/link'
import { useState } from 'react'
import { domainArn } from '../../api/arns.ts'
import type { DomainSummary } from '../../api/codeartifact.ts'
import { usePages } from '../../api/use-pages.ts'
import { useCaller } from '../../api/use-caller.ts'
import { PermittedButton } from '../../permissions/permitted-button.tsx'
import { domainPath } from '../../routing/paths.ts'
import { PagedTable } from '../../widgets/paged-table.tsx'
import { renderTime } from '../../widgets/texts.ts'
import { CreateDomain } from './create-domain.tsx'

/** Every domain that the caller may see. */
export default function DomainsPage() {
  const caller = useCaller()
  const [isCreating, setCreating] = useState(false)
  const pages = usePages('domains', async (client, nextToken, signal) => {
    const found = await client.codeartifact('ListDomains', { maxResults: 50, ...(nextToken && { nextToken }) }, signal)
    return { items: found.domains, nextToken: found.nextToken }
  })
  return (
    <>
      <PagedTable
        what="domains"
        pages={pages}
        empty="There is no domain yet. A domain holds repositories, and stores what they share only once."
        header={
          <Header
            variant="h1"
            description="A domain holds repositories, and stores what they share only once."
            actions={
              <PermittedButton
                variant="primary"
                action="codeartifact:CreateDomain"
                resource={domainArn(caller, { domainOwner: caller.principal.accountId, domain: '*' })}
                onClick={() => setCreating(true)}
              >
                Create domain
              </PermittedButton>
            }
          >
            Domains
          </Header>
        }
        columnDefinitions={columns}
      />
      {isCreating ? <CreateDomain onEnd={() => setCreating(false)} onCreated={pages.reload} /> : null}
    </>
  )
}

const columns = [
  {
    id: 'name',
    header: 'Domain',
    isRowHeader: true,
    cell: ({ name, owner }: DomainSummary) => (
      <Link href={domainPath({ domain: name, domainOwner: owner })}>{name}</Link>
    ),
  },
  { id: 'owner', header: 'Owner', cell: ({ owner }: DomainSummary) => owner },
  { id: 'created', header: 'Created', cell: ({ createdTime }: DomainSummary) => renderTime(createdTime) },
  { id: 'key', header: 'Encryption key', cell: ({ encryptionKey }: DomainSummary) => encryptionKey ?? '–' },
]
