import Alert from '@cloudscape-design/components/alert'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SegmentedControl from '@cloudscape-design/components/segmented-control'
import type { InDomain } from '../api/codeartifact.ts'
import { useResource } from '../api/use-resource.ts'
import { useQueryParameter } from '../routing/location.ts'
import { Loaded } from '../widgets/loaded.tsx'
import { GraphList } from './graph-list.tsx'
import { GraphPicture } from './graph-picture.tsx'
import { loadGraph } from './load-graph.ts'

interface UpstreamGraphProps {
  readonly place: InDomain
  /** Only what is upstream of this repository; the whole domain without it. */
  readonly repository?: string
}

/** Which repository asks which, as a picture or as a list. */
export function UpstreamGraph({ place, repository }: UpstreamGraphProps) {
  const [form, setForm] = useQueryParameter('form')
  const graph = useResource(`graph ${place.domainOwner} ${place.domain} ${repository ?? ''}`, (client, signal) => {
    return loadGraph(client, place, repository, signal)
  })
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Who lacks a package asks those upstream, in the order of the numbers, and at last the world outside."
          actions={
            <SegmentedControl
              label="Form"
              selectedId={form === 'list' ? 'list' : 'picture'}
              options={[
                { id: 'picture', text: 'Picture' },
                { id: 'list', text: 'List' },
              ]}
              onChange={({ detail }) => setForm(detail.selectedId === 'list' ? 'list' : '')}
            />
          }
        >
          Upstream graph
        </Header>
      }
    >
      <Loaded resource={graph} what="The upstream graph">
        {({ nodes, isCut }) => (
          <>
            {isCut ? <Alert type="info">There are more repositories than are shown here.</Alert> : null}
            {form === 'list' ? (
              <GraphList place={place} nodes={nodes} />
            ) : (
              <GraphPicture place={place} nodes={nodes} {...(repository && { current: repository })} />
            )}
          </>
        )}
      </Loaded>
    </Container>
  )
}
