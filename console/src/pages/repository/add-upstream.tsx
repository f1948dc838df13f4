import Button from '@cloudscape-design/components/button'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import type { InRepository } from '../../api/codeartifact.ts'
import { useResource } from '../../api/use-resource.ts'

interface AddUpstreamProps {
  readonly place: InRepository
  readonly taken: readonly string[]
  readonly onAdd: (name: string) => void
}

/** One more of the domain's repositories. */
export function AddUpstream({ place, taken, onAdd }: AddUpstreamProps) {
  const [chosen, choose] = useState('')
  const { domain, domainOwner } = place
  const repositories = useResource(`repositories of ${domainOwner} ${domain}`, (client, signal) => {
    return client.codeartifact('ListRepositoriesInDomain', { domain, domainOwner, maxResults: 1000 }, signal)
  })
  const names = (repositories.value?.repositories ?? []).map(({ name }) => name)
  const options = names.filter((name) => name !== place.repository && !taken.includes(name)).map((value) => ({ value }))
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Select
        ariaLabel="Repository to add"
        placeholder="Choose a repository"
        filteringType="auto"
        statusType={repositories.isLoading ? 'loading' : 'finished'}
        options={options}
        empty="No further repository"
        selectedOption={options.find(({ value }) => value === chosen) ?? null}
        onChange={({ detail }) => choose(detail.selectedOption.value ?? '')}
      />
      <Button
        disabled={chosen === ''}
        onClick={() => {
          onAdd(chosen)
          choose('')
        }}
      >
        Add
      </Button>
    </SpaceBetween>
  )
}
