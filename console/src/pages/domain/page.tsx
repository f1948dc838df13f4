import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import type { DomainDescription, InDomain } from '../../api/codeartifact.ts'
import { useResource } from '../../api/use-resource.ts'
import { UpstreamGraph } from '../../graph/upstream-graph.tsx'
import { PermittedButton } from '../../permissions/permitted-button.tsx'
import { Policy } from '../../policies/policy-editor.tsx'
import { domainPolicy } from '../../policies/policy-subject.ts'
import type { PageProps } from '../../routes.ts'
import { Tags } from '../../tags/tags.tsx'
import { CopiedText } from '../../widgets/copied-text.tsx'
import { Loaded } from '../../widgets/loaded.tsx'
import { TabView } from '../../widgets/tab-view.tsx'
import { renderBytes, renderTime } from '../../widgets/texts.ts'
import { DeleteDomain } from './delete-domain.tsx'
import { DomainGroups } from './domain-groups.tsx'
import { DomainRepositories } from './domain-repositories.tsx'
import { Holds } from './holds.tsx'
import { Savings } from './savings.tsx'

/** A domain: what it is, and what is in it. */
export default function DomainPage({ params }: PageProps) {
  const place: InDomain = { domain: params.domain ?? '', domainOwner: params.owner ?? '' }
  const domain = useResource(`domain ${place.domainOwner} ${place.domain}`, (client, signal) => {
    return client.codeartifact('DescribeDomain', place, signal)
  })
  return (
    <Loaded resource={domain} what="The domain">
      {({ domain: found }) => <Domain place={place} domain={found} />}
    </Loaded>
  )
}

interface DomainProps {
  readonly place: InDomain
  readonly domain: DomainDescription
}

function Domain({ place, domain }: DomainProps) {
  const [isDeleting, setDeleting] = useState(false)
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        actions={
          <PermittedButton action="codeartifact:DeleteDomain" resource={domain.arn} onClick={() => setDeleting(true)}>
            Delete
          </PermittedButton>
        }
      >
        {domain.name}
      </Header>
      <DomainFacts domain={domain} />
      <TabView
        label="What is in the domain"
        tabs={[
          { id: 'repositories', label: 'Repositories', content: <DomainRepositories place={place} arn={domain.arn} /> },
          { id: 'graph', label: 'Upstream graph', content: <UpstreamGraph place={place} /> },
          { id: 'groups', label: 'Package groups', content: <DomainGroups place={place} /> },
          { id: 'holds', label: 'Holds', content: <Holds place={place} arn={domain.arn} /> },
          { id: 'policy', label: 'Policy', content: <Policy subject={domainPolicy(domain.arn, place)} /> },
          { id: 'savings', label: 'Savings', content: <Savings place={place} /> },
          { id: 'tags', label: 'Tags', content: <Tags resourceArn={domain.arn} /> },
        ]}
      />
      {isDeleting ? <DeleteDomain place={place} onEnd={() => setDeleting(false)} /> : null}
    </SpaceBetween>
  )
}

function DomainFacts({ domain }: { readonly domain: DomainDescription }) {
  return (
    <Container>
      <KeyValuePairs
        columns={3}
        items={[
          { label: 'ARN', value: <CopiedText what="ARN" text={domain.arn} /> },
          { label: 'Owner', value: domain.owner },
          { label: 'Created', value: renderTime(domain.createdTime) },
          { label: 'Repositories', value: domain.repositoryCount },
          { label: 'Stored', value: renderBytes(domain.assetSizeBytes) },
          { label: 'Encryption key', value: domain.encryptionKey ?? '–' },
        ]}
      />
    </Container>
  )
}
