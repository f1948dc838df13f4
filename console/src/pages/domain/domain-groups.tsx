import Header from '@cloudscape-design/components/header'
import Link from '@cloudscape-design/components/link'
import { useState } from 'react'
import { packageGroupArn } from '../../api/arns.ts'
import type { InDomain, PackageGroup } from '../../api/codeartifact.ts'
import { useCaller } from '../../api/use-caller.ts'
import { usePages } from '../../api/use-pages.ts'
import { PermittedButton } from '../../permissions/permitted-button.tsx'
import { packageGroupPath } from '../../routing/paths.ts'
import { PagedTable } from '../../widgets/paged-table.tsx'
import { CreateGroup } from './create-group.tsx'

export function DomainGroups({ place }: { readonly place: InDomain }) {
  const caller = useCaller()
  const [isCreating, setCreating] = useState(false)
  const pages = usePages(`groups ${place.domainOwner} ${place.domain}`, async (client, nextToken, signal) => {
    const input = { ...place, maxResults: 50, ...(nextToken && { nextToken }) }
    const found = await client.codeartifact('ListPackageGroups', input, signal)
    return { items: found.packageGroups, nextToken: found.nextToken }
  })
  return (
    <>
      <PagedTable
        what="package groups"
        pages={pages}
        header={
          <Header
            description="A group says for all packages that its pattern matches where their versions may come from."
            actions={
              <PermittedButton
                variant="primary"
                action="codeartifact:CreatePackageGroup"
                resource={packageGroupArn(caller, place, '/*')}
                onClick={() => setCreating(true)}
              >
                Create package group
              </PermittedButton>
            }
          >
            Package groups
          </Header>
        }
        columnDefinitions={[
          {
            id: 'pattern',
            header: 'Pattern',
            isRowHeader: true,
            cell: ({ pattern }: PackageGroup) => <Link href={packageGroupPath(place, pattern)}>{pattern}</Link>,
          },
          { id: 'publish', header: 'Publish', cell: (group) => modeOf(group, 'PUBLISH') },
          { id: 'external', header: 'From outside', cell: (group) => modeOf(group, 'EXTERNAL_UPSTREAM') },
          { id: 'internal', header: 'From upstream repositories', cell: (group) => modeOf(group, 'INTERNAL_UPSTREAM') },
          { id: 'contact', header: 'Contact', cell: ({ contactInfo }) => contactInfo ?? '–' },
        ]}
      />
      {isCreating ? <CreateGroup place={place} onCreated={pages.reload} onEnd={() => setCreating(false)} /> : null}
    </>
  )
}

function modeOf(
  { originConfiguration }: PackageGroup,
  restriction: 'PUBLISH' | 'EXTERNAL_UPSTREAM' | 'INTERNAL_UPSTREAM',
) {
  const { mode, effectiveMode } = originConfiguration.restrictions[restriction]
  return mode === 'INHERIT' ? `${effectiveMode} (inherited)` : mode
}
