import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Multiselect from '@cloudscape-design/components/multiselect'
import type { InDomain } from '../../api/codeartifact.ts'
import { useResource } from '../../api/use-resource.ts'
import type { StepProps } from './draft.ts'

export function UpstreamsStep({ place, draft, onChange }: StepProps & { readonly place: InDomain }) {
  const repositories = useResource(`repositories of ${place.domainOwner} ${place.domain}`, (client, signal) => {
    return client.codeartifact('ListRepositoriesInDomain', { ...place, maxResults: 1000 }, signal)
  })
  const options = (repositories.value?.repositories ?? []).map(({ name }) => ({ value: name }))
  return (
    <Container>
      <FormField
        label="Upstream repositories"
        description="They are asked in this order, before the public registries."
      >
        <Multiselect
          placeholder="Choose repositories"
          filteringType="auto"
          statusType={repositories.isLoading ? 'loading' : 'finished'}
          options={options}
          selectedOptions={draft.upstreams.map((value) => ({ value }))}
          deselectAriaLabel={({ value }) => `Remove ${value}`}
          onChange={({ detail }) => onChange({ upstreams: detail.selectedOptions.map(({ value }) => value ?? '') })}
        />
      </FormField>
    </Container>
  )
}
