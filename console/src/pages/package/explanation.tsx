import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import type { OfPackage } from '../../api/codeartifact.ts'
import { useResource } from '../../api/use-resource.ts'
import { Loaded } from '../../widgets/loaded.tsx'

interface ExplanationAnswer {
  readonly group: { readonly pattern: string; readonly associationType: string }
  readonly hops: readonly {
    readonly repository: string
    readonly restrictions?: { readonly publish: string; readonly upstream: string }
    readonly versions: readonly string[]
    readonly notes: readonly string[]
  }[]
  readonly verdict?: string
}

/** Why the repository sees of a package what it sees: every repository on the way, and what it says. */
export function Explanation({ named }: { readonly named: OfPackage }) {
  const key = `explanation ${JSON.stringify(named)}`
  const explanation = useResource(key, (client, signal) => {
    return client.packyard<ExplanationAnswer>('GET /packages/explanation', named, signal)
  })
  return (
    <Container header={<Header description="The repositories that are asked, in order.">Where it comes from</Header>}>
      <Loaded resource={explanation} what="The explanation">
        {({ group, hops, verdict }) => (
          <>
            <p>Package group: {group.pattern}</p>
            <ol>
              {hops.map(({ repository, restrictions, versions, notes }) => (
                <li key={repository}>
                  <strong>{repository}</strong>
                  {versions.length === 0 ? ' holds no version' : ` holds ${versions.join(', ')}`}
                  {restrictions ? `; publish ${restrictions.publish}, upstream ${restrictions.upstream}` : ''}
                  {notes.map((note) => (
                    <div key={note}>{note}</div>
                  ))}
                </li>
              ))}
            </ol>
            {verdict === undefined ? null : <p>{verdict}</p>}
          </>
        )}
      </Loaded>
    </Container>
  )
}
