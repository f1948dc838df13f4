import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import type { InRepository, RepositoryDescription } from '../../api/codeartifact.ts'
import { useResource } from '../../api/use-resource.ts'
import { UpstreamGraph } from '../../graph/upstream-graph.tsx'
import { PermittedButton } from '../../permissions/permitted-button.tsx'
import { Policy } from '../../policies/policy-editor.tsx'
import { repositoryPolicy } from '../../policies/policy-subject.ts'
import type { PageProps } from '../../routes.ts'
import { Tags } from '../../tags/tags.tsx'
import { CopiedText } from '../../widgets/copied-text.tsx'
import { Loaded } from '../../widgets/loaded.tsx'
import { TabView } from '../../widgets/tab-view.tsx'
import { renderTime } from '../../widgets/texts.ts'
import { Connections } from './connections.tsx'
import { DeleteRepository } from './delete-repository.tsx'
import { EditDescription } from './edit-description.tsx'
import { Instructions } from './instructions.tsx'
import { Packages } from './packages.tsx'
import { Upstreams } from './upstreams.tsx'

/** A repository: what it is, what is in it, and how to use it. */
export default function RepositoryPage({ params }: PageProps) {
  const { domain = '', owner = '', repository = '' } = params
  const place: InRepository = { domain, domainOwner: owner, repository }
  const described = useResource(`repository ${owner} ${domain} ${repository}`, (client, signal) => {
    return client.codeartifact('DescribeRepository', place, signal)
  })
  return (
    <Loaded resource={described} what="The repository">
      {(found) => <Repository place={place} repository={found.repository} onChanged={described.reload} />}
    </Loaded>
  )
}

interface RepositoryProps {
  readonly place: InRepository
  readonly repository: RepositoryDescription
  readonly onChanged: () => void
}

function Repository({ place, repository, onChanged }: RepositoryProps) {
  const [open, setOpen] = useState<'description' | 'deletion'>()
  const { arn } = repository
  const close = () => setOpen(undefined)
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        description={repository.description}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <PermittedButton
              action="codeartifact:UpdateRepository"
              resource={arn}
              onClick={() => setOpen('description')}
            >
              Edit description
            </PermittedButton>
            <PermittedButton action="codeartifact:DeleteRepository" resource={arn} onClick={() => setOpen('deletion')}>
              Delete
            </PermittedButton>
          </SpaceBetween>
        }
      >
        {repository.name}
      </Header>
      <RepositoryFacts repository={repository} />
      <TabView
        label="What is in the repository"
        tabs={[
          { id: 'packages', label: 'Packages', content: <Packages place={place} arn={arn} /> },
          { id: 'instructions', label: 'Connection instructions', content: <Instructions place={place} /> },
          {
            id: 'upstreams',
            label: 'Upstream repositories',
            content: <Upstreams place={place} repository={repository} onChanged={onChanged} />,
          },
          {
            id: 'connections',
            label: 'External connections',
            content: <Connections place={place} repository={repository} onChanged={onChanged} />,
          },
          { id: 'policy', label: 'Policy', content: <Policy subject={repositoryPolicy(arn, place)} /> },
          { id: 'graph', label: 'Graph', content: <UpstreamGraph place={place} repository={repository.name} /> },
          { id: 'tags', label: 'Tags', content: <Tags resourceArn={arn} /> },
        ]}
      />
      {open === 'description' ? (
        <EditDescription place={place} before={repository.description ?? ''} onChanged={onChanged} onEnd={close} />
      ) : null}
      {open === 'deletion' ? <DeleteRepository place={place} onEnd={close} /> : null}
    </SpaceBetween>
  )
}

function RepositoryFacts({ repository }: { readonly repository: RepositoryDescription }) {
  return (
    <Container>
      <KeyValuePairs
        columns={3}
        items={[
          { label: 'ARN', value: <CopiedText what="ARN" text={repository.arn} /> },
          { label: 'Administrator account', value: repository.administratorAccount },
          { label: 'Created', value: renderTime(repository.createdTime) },
        ]}
      />
    </Container>
  )
}
