import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import Link from '@cloudscape-design/components/link'
import TextFilter from '@cloudscape-design/components/text-filter'
import { repositoryArn } from '../../api/arns.ts'
import type { InDomain, RepositorySummary } from '../../api/codeartifact.ts'
import { useCaller } from '../../api/use-caller.ts'
import { usePages } from '../../api/use-pages.ts'
import { usePermission } from '../../permissions/permissions.tsx'
import { useQueryParameter } from '../../routing/location.ts'
import { newRepositoryPath, repositoryPath } from '../../routing/paths.ts'
import { PagedTable } from '../../widgets/paged-table.tsx'
import { renderTime } from '../../widgets/texts.ts'

interface DomainRepositoriesProps {
  readonly place: InDomain
  readonly arn: string
}

export function DomainRepositories({ place, arn }: DomainRepositoriesProps) {
  const [prefix, setPrefix] = useQueryParameter('repository')
  const newArn = repositoryArn(useCaller(), { ...place, repository: '*' })
  const mayCreate = usePermission('codeartifact:CreateRepository', newArn)
  const pages = usePages(`repositories ${arn} ${prefix}`, async (client, nextToken, signal) => {
    const input = {
      ...place,
      maxResults: 50,
      ...(prefix && { repositoryPrefix: prefix }),
      ...(nextToken && { nextToken }),
    }
    const found = await client.codeartifact('ListRepositoriesInDomain', input, signal)
    return { items: found.repositories, nextToken: found.nextToken }
  })
  return (
    <PagedTable
      what="repositories"
      pages={pages}
      empty={prefix === '' ? 'No repositories' : `No repository’s name begins with ${prefix}`}
      filter={
        <TextFilter
          filteringText={prefix}
          filteringPlaceholder="Name begins with"
          filteringClearAriaLabel="Clear"
          filteringAriaLabel="Find repositories whose name begins with"
          onChange={({ detail }) => setPrefix(detail.filteringText)}
        />
      }
      header={
        <Header
          actions={
            <Button
              variant="primary"
              disabled={mayCreate?.isAllowed !== true}
              {...(mayCreate?.isAllowed === false && { disabledReason: mayCreate.reason })}
              href={newRepositoryPath(place)}
            >
              Create repository
            </Button>
          }
        >
          Repositories
        </Header>
      }
      columnDefinitions={[
        {
          id: 'name',
          header: 'Repository',
          isRowHeader: true,
          cell: ({ name }: RepositorySummary) => (
            <Link href={repositoryPath({ ...place, repository: name })}>{name}</Link>
          ),
        },
        { id: 'description', header: 'Description', cell: ({ description }) => description ?? '–' },
        {
          id: 'administrator',
          header: 'Administrator account',
          cell: ({ administratorAccount }) => administratorAccount,
        },
        { id: 'created', header: 'Created', cell: ({ createdTime }) => renderTime(createdTime) },
      ]}
    />
  )
}
