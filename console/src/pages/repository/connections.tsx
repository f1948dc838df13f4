import Header from '@cloudscape-design/components/header'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import { useState } from 'react'
import type { InRepository, RepositoryDescription } from '../../api/codeartifact.ts'
import { useAction } from '../../api/use-action.ts'
import { useNotices } from '../../frame/notices.tsx'
import { formats } from '../../catalogue/formats.ts'
import { PermittedButton } from '../../permissions/permitted-button.tsx'

interface ConnectionsProps {
  readonly place: InRepository
  readonly repository: RepositoryDescription
  readonly onChanged: () => void
}

/** The public registries that the repository fetches from: one of each format. */
export function Connections({ place, repository, onChanged }: ConnectionsProps) {
  const { isBusy, run } = useAction()
  const notices = useNotices()
  const { arn, externalConnections } = repository
  const change = async (
    operation: 'AssociateExternalConnection' | 'DisassociateExternalConnection',
    externalConnection: string,
  ) => {
    const isDone = await run('The external connections were not changed', (client) => {
      return client.codeartifact(operation, { ...place, externalConnection })
    })
    if (!isDone) return
    notices.succeed(`The external connection ${externalConnection} was changed`)
    onChanged()
  }
  return (
    <Table
      items={externalConnections}
      empty="This repository has no external connection"
      header={
        <Header description="What is fetched from a public registry is kept, and can be installed while it is down.">
          External connections
        </Header>
      }
      columnDefinitions={[
        { id: 'name', header: 'Connection', isRowHeader: true, cell: (each) => each.externalConnectionName },
        { id: 'format', header: 'Format', cell: (each) => each.packageFormat },
        {
          id: 'remove',
          header: 'Remove',
          cell: ({ externalConnectionName }) => (
            <PermittedButton
              variant="inline-link"
              action="codeartifact:DisassociateExternalConnection"
              resource={arn}
              disabled={isBusy}
              ariaLabel={`Remove ${externalConnectionName}`}
              onClick={() => void change('DisassociateExternalConnection', externalConnectionName)}
            >
              Remove
            </PermittedButton>
          ),
        },
      ]}
      footer={
        <AddConnection repository={repository} onAdd={(name) => void change('AssociateExternalConnection', name)} />
      }
    />
  )
}

interface AddConnectionProps {
  readonly repository: RepositoryDescription
  readonly onAdd: (name: string) => void
}

function AddConnection({ repository, onAdd }: AddConnectionProps) {
  const [chosen, choose] = useState('')
  const taken = repository.externalConnections.map(({ packageFormat }) => packageFormat)
  const free = formats.filter(({ id }) => !taken.includes(id))
  const options = free.flatMap(({ connections }) => connections.map((value) => ({ value })))
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Select
        ariaLabel="Public registry to connect to"
        placeholder="Choose a public registry"
        options={options}
        selectedOption={options.find(({ value }) => value === chosen) ?? null}
        onChange={({ detail }) => choose(detail.selectedOption.value ?? '')}
      />
      <PermittedButton
        action="codeartifact:AssociateExternalConnection"
        resource={repository.arn}
        disabled={chosen === ''}
        onClick={() => {
          onAdd(chosen)
          choose('')
        }}
      >
        Connect
      </PermittedButton>
    </SpaceBetween>
  )
}
