import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { InRepository } from '../../api/codeartifact.ts'
import { useResource } from '../../api/use-resource.ts'
import { formats } from '../../catalogue/formats.ts'
import { useQueryParameter } from '../../routing/location.ts'
import { CopiedBlock, CopiedText } from '../../widgets/copied-text.tsx'
import { Loaded } from '../../widgets/loaded.tsx'

interface InstructionsAnswer {
  readonly endpoint: string
  readonly steps: readonly { readonly title: string; readonly text: string; readonly file?: string }[]
}

const choices = formats.map(({ id, label }) => ({ value: id, label }))

/** What a person pastes to use the repository with each client. */
export function Instructions({ place }: { readonly place: InRepository }) {
  const [chosen, choose] = useQueryParameter('client')
  const format = formats.some(({ id }) => id === chosen) ? chosen : (formats[0]?.id ?? '')
  const key = `instructions ${place.domainOwner} ${place.domain} ${place.repository} ${format}`
  const instructions = useResource(key, (client, signal) => {
    return client.packyard<InstructionsAnswer>('GET /connection-instructions', { ...place, format }, signal)
  })
  return (
    <Container header={<Header description="Each block is ready to copy.">Connection instructions</Header>}>
      <SpaceBetween size="l">
        <FormField label="Format">
          <Select
            options={[...choices]}
            selectedOption={choices.find(({ value }) => value === format) ?? null}
            onChange={({ detail }) => choose(detail.selectedOption.value ?? '')}
          />
        </FormField>
        <Loaded resource={instructions} what="The instructions">
          {({ endpoint, steps }) => (
            <SpaceBetween size="l">
              <FormField label="Endpoint" stretch>
                <CopiedText what="endpoint" text={endpoint} />
              </FormField>
              {steps.map(({ title, text, file }) => (
                <section key={title}>
                  <h3>{title}</h3>
                  {file === undefined ? null : <p>In {file}:</p>}
                  <CopiedBlock what={title} text={text} />
                </section>
              ))}
            </SpaceBetween>
          )}
        </Loaded>
      </SpaceBetween>
    </Container>
  )
}
