import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import SegmentedControl from '@cloudscape-design/components/segmented-control'
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
        <SegmentedControl
          label="Format"
          selectedId={format}
          options={formats.map(({ id, label }) => ({ id, text: label }))}
          onChange={({ detail }) => choose(detail.selectedId)}
        />
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
