import Header from '@cloudscape-design/components/header'
import type { DependencySummary, OfVersion } from '../../api/codeartifact.ts'
import { usePages } from '../../api/use-pages.ts'
import { packagePath } from '../../routing/paths.ts'
import { PagedTable } from '../../widgets/paged-table.tsx'
import { renderPackage } from '../../widgets/texts.ts'

/** What a version says that it needs; each may or may not be in this repository. */
export function Dependencies({ named }: { readonly named: OfVersion }) {
  const { format, repository, domain, domainOwner } = named
  const pages = usePages(`dependencies ${JSON.stringify(named)}`, async (client, nextToken, signal) => {
    const input = { ...named, ...(nextToken && { nextToken }) }
    const found = await client.codeartifact('ListPackageVersionDependencies', input, signal)
    return { items: found.dependencies, nextToken: found.nextToken }
  })
  return (
    <PagedTable
      what="dependencies"
      pages={pages}
      header={<Header>Dependencies</Header>}
      columnDefinitions={[
        {
          id: 'name',
          header: 'Package',
          isRowHeader: true,
          cell: (each: DependencySummary) => (
            <a href={packagePath({ domain, domainOwner, repository, format, ...placeOf(each) })}>
              {renderPackage({ format, ...each })}
            </a>
          ),
        },
        { id: 'requirement', header: 'Versions', cell: ({ versionRequirement }) => versionRequirement || 'any' },
        { id: 'type', header: 'Type', cell: ({ dependencyType }) => dependencyType },
      ]}
    />
  )
}

function placeOf({ namespace, package: name }: DependencySummary) {
  return { package: name, ...(namespace && { namespace }) }
}
