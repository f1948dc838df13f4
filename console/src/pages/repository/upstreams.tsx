import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import Link from '@cloudscape-design/components/link'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import { useState } from 'react'
import type { InRepository, RepositoryDescription } from '../../api/codeartifact.ts'
import { useAction } from '../../api/use-action.ts'
import { useNotices } from '../../frame/notices.tsx'
import { PermittedButton } from '../../permissions/permitted-button.tsx'
import { usePermission } from '../../permissions/permissions.tsx'
import { repositoryPath } from '../../routing/paths.ts'
import { AddUpstream } from './add-upstream.tsx'

interface UpstreamsProps {
  readonly place: InRepository
  readonly repository: RepositoryDescription
  readonly onChanged: () => void
}

/** Whom the repository asks for what it lacks, first to last; changed here, and saved as a whole. */
export function Upstreams({ place, repository, onChanged }: UpstreamsProps) {
  const stored = repository.upstreams.map(({ repositoryName }) => repositoryName)
  const [names, setNames] = useState(stored)
  const notices = useNotices()
  const { isBusy, run } = useAction()
  const mayChange = usePermission('codeartifact:UpdateRepository', repository.arn)?.isAllowed === true
  const isChanged = names.join(' ') !== stored.join(' ')
  const save = async () => {
    const upstreams = names.map((repositoryName) => ({ repositoryName }))
    const isDone = await run('The upstream repositories were not changed', (client) => {
      return client.codeartifact('UpdateRepository', { ...place, upstreams })
    })
    if (!isDone) return
    notices.succeed('The upstream repositories were changed')
    onChanged()
  }
  return (
    <Table
      items={names.map((name, index) => ({ name, index }))}
      empty="This repository has no upstream repositories"
      header={
        <Header
          description="What this repository lacks is looked for in these, first to last."
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button disabled={!isChanged} onClick={() => setNames(stored)}>
                Undo
              </Button>
              <PermittedButton
                variant="primary"
                action="codeartifact:UpdateRepository"
                resource={repository.arn}
                disabled={!isChanged}
                loading={isBusy}
                onClick={() => void save()}
              >
                Save order
              </PermittedButton>
            </SpaceBetween>
          }
        >
          Upstream repositories
        </Header>
      }
      columnDefinitions={[
        { id: 'order', header: 'Asked', cell: ({ index }) => index + 1 },
        {
          id: 'name',
          header: 'Repository',
          isRowHeader: true,
          cell: ({ name }) => <Link href={repositoryPath({ ...place, repository: name })}>{name}</Link>,
        },
        ...(mayChange ? [changes(names, setNames)] : []),
      ]}
      footer={
        mayChange ? <AddUpstream place={place} taken={names} onAdd={(name) => setNames([...names, name])} /> : null
      }
    />
  )
}

function changes(names: readonly string[], setNames: (names: string[]) => void) {
  return {
    id: 'change',
    header: 'Change',
    cell: ({ name, index }: { readonly name: string; readonly index: number }) => (
      <SpaceBetween direction="horizontal" size="xs">
        <Button
          iconName="angle-up"
          variant="icon"
          ariaLabel={`Ask ${name} earlier`}
          disabled={index === 0}
          onClick={() => setNames(swapped(names, index - 1))}
        />
        <Button
          iconName="angle-down"
          variant="icon"
          ariaLabel={`Ask ${name} later`}
          disabled={index === names.length - 1}
          onClick={() => setNames(swapped(names, index))}
        />
        <Button
          iconName="remove"
          variant="icon"
          ariaLabel={`Ask ${name} no longer`}
          onClick={() => setNames(names.filter((other) => other !== name))}
        />
      </SpaceBetween>
    ),
  }
}

/** With the names at `index` and after it in each other's place. */
function swapped(names: readonly string[], index: number): string[] {
  return names.toSpliced(index, 2, ...names.slice(index, index + 2).toReversed())
}
