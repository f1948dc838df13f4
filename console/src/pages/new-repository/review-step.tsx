import Container from '@cloudscape-design/components/container'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import { type RepositoryDraft, storeOf } from './draft.ts'

export function ReviewStep({ draft }: { readonly draft: RepositoryDraft }) {
  const asked = [...draft.upstreams, ...draft.registries.map((name) => `${storeOf(name)} (${name})`)]
  return (
    <Container>
      <KeyValuePairs
        items={[
          { label: 'Name', value: draft.name },
          { label: 'Description', value: draft.description || '–' },
          { label: 'Asks', value: asked.length === 0 ? 'nobody' : asked.map((name) => <div key={name}>{name}</div>) },
        ]}
      />
    </Container>
  )
}
