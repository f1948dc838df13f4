import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import ProgressBar from '@cloudscape-design/components/progress-bar'
import type { InDomain } from '../../api/codeartifact.ts'
import { useResource } from '../../api/use-resource.ts'
import { Loaded } from '../../widgets/loaded.tsx'
import { renderBytes } from '../../widgets/texts.ts'

interface SavingsAnswer {
  readonly heldBytes: number
  readonly storedBytes: number
  readonly savedBytes: number
  /** ISO 8601. */
  readonly countedAt: string
}

/** What it saves that the domain stores each content once. */
export function Savings({ place }: { readonly place: InDomain }) {
  const savings = useResource(`savings ${place.domainOwner} ${place.domain}`, (client, signal) => {
    return client.packyard<SavingsAnswer>('GET /savings', place, signal)
  })
  return (
    <Container
      header={
        <Header description="Content is stored once in a domain, however many repositories hold it.">Savings</Header>
      }
    >
      <Loaded resource={savings} what="What is saved">
        {({ heldBytes, storedBytes, savedBytes, countedAt }) => (
          <>
            <KeyValuePairs
              columns={3}
              items={[
                { label: 'Held by its repositories', value: renderBytes(heldBytes) },
                { label: 'Stored', value: renderBytes(storedBytes) },
                { label: 'Saved', value: renderBytes(savedBytes) },
              ]}
            />
            <ProgressBar
              value={heldBytes === 0 ? 0 : Math.round((100 * savedBytes) / heldBytes)}
              label="Share that is not stored again"
              additionalInfo={`Counted ${new Date(countedAt).toLocaleString()}`}
            />
          </>
        )}
      </Loaded>
    </Container>
  )
}
