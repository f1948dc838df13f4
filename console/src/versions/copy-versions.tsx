import Checkbox from '@cloudscape-design/components/checkbox'
import FormField from '@cloudscape-design/components/form-field'
import Select from '@cloudscape-design/components/select'
import { useState } from 'react'
import { useResource } from '../api/use-resource.ts'
import { FormDialog } from '../widgets/form-dialog.tsx'
import type { VersionDialogProps } from './version-dialog.tsx'

/** Into another repository of the domain, which costs no storage. */
export function CopyVersions({ named, versions, isBusy, change, onDismiss }: VersionDialogProps) {
  const [destination, setDestination] = useState('')
  const [isOverwriting, setOverwriting] = useState(false)
  const { repository: sourceRepository, domain, domainOwner, ...rest } = named
  const repositories = useResource(`repositories of ${domainOwner} ${domain}`, (client, signal) => {
    return client.codeartifact('ListRepositoriesInDomain', { domain, domainOwner, maxResults: 1000 }, signal)
  })
  const options = (repositories.value?.repositories ?? [])
    .filter(({ name }) => name !== sourceRepository)
    .map(({ name }) => ({ value: name }))
  const copy = () => {
    return change(`copied to ${destination}`, (client) =>
      client.codeartifact('CopyPackageVersions', {
        ...rest,
        domain,
        domainOwner,
        sourceRepository,
        destinationRepository: destination,
        versions,
        allowOverwrite: isOverwriting,
      }),
    )
  }
  return (
    <FormDialog
      title={`Copy ${versions.join(', ')}`}
      verb="Copy"
      isBusy={isBusy}
      isComplete={destination !== ''}
      onSubmit={() => void copy()}
      onDismiss={onDismiss}
    >
      <FormField label="Destination repository">
        <Select
          placeholder="Choose a repository"
          filteringType="auto"
          options={options}
          statusType={repositories.isLoading ? 'loading' : 'finished'}
          selectedOption={options.find(({ value }) => value === destination) ?? null}
          onChange={({ detail }) => setDestination(detail.selectedOption.value ?? '')}
        />
      </FormField>
      <Checkbox checked={isOverwriting} onChange={({ detail }) => setOverwriting(detail.checked)}>
        Overwrite versions that are there
      </Checkbox>
    </FormDialog>
  )
}
