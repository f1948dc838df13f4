import Checkbox from '@cloudscape-design/components/checkbox'
import Container from '@cloudscape-design/components/container'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { formats } from '../../catalogue/formats.ts'
import { type StepProps, storeOf } from './draft.ts'

export function RegistriesStep({ draft: { registries }, onChange }: StepProps) {
  const toggle = (name: string, checked: boolean) => {
    onChange({ registries: checked ? [...registries, name] : registries.filter((other) => other !== name) })
  }
  return (
    <Container>
      <SpaceBetween size="m">
        {formats.flatMap(({ label, connections }) =>
          connections.map((name) => (
            <Checkbox
              key={name}
              checked={registries.includes(name)}
              description={`${label}, through the repository ${storeOf(name)}`}
              onChange={({ detail }) => toggle(name, detail.checked)}
            >
              {name}
            </Checkbox>
          )),
        )}
      </SpaceBetween>
    </Container>
  )
}
