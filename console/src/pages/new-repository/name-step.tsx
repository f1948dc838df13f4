import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { StepProps } from './draft.ts'

export function NameStep({ draft, onChange }: StepProps) {
  return (
    <Container>
      <SpaceBetween size="l">
        <FormField
          label="Repository name"
          constraintText="2 to 100 letters, digits, hyphens, underscores and dots; it cannot be changed."
        >
          <Input value={draft.name} onChange={({ detail }) => onChange({ name: detail.value })} />
        </FormField>
        <FormField label="Description (optional)">
          <Input value={draft.description} onChange={({ detail }) => onChange({ description: detail.value })} />
        </FormField>
      </SpaceBetween>
    </Container>
  )
}
