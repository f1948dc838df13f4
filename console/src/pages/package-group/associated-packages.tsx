import Header from '@cloudscape-design/components/header'
import type { AssociatedPackage, InDomain } from '../../api/codeartifact.ts'
import { usePages } from '../../api/use-pages.ts'
import { PagedTable } from '../../widgets/paged-table.tsx'
import { renderPackage } from '../../widgets/texts.ts'

interface AssociatedPackagesProps {
  readonly place: InDomain
  readonly pattern: string
}

/** The packages that are under this group now, in whichever repository of the domain they are. */
export function AssociatedPackages({ place, pattern }: AssociatedPackagesProps) {
  const key = `associated ${place.domainOwner} ${place.domain} ${pattern}`
  const pages = usePages(key, async (client, nextToken, signal) => {
    const input = { ...place, packageGroup: pattern, maxResults: 50, ...(nextToken && { nextToken }) }
    const found = await client.codeartifact('ListAssociatedPackages', input, signal)
    return { items: found.packages, nextToken: found.nextToken }
  })
  return (
    <PagedTable
      what="packages"
      pages={pages}
      empty="No package is under this group now"
      header={<Header>Packages</Header>}
      columnDefinitions={[
        { id: 'name', header: 'Package', isRowHeader: true, cell: (each: AssociatedPackage) => renderPackage(each) },
        { id: 'format', header: 'Format', cell: ({ format }) => format },
        { id: 'type', header: 'Association', cell: ({ associationType }) => associationType },
      ]}
    />
  )
}
