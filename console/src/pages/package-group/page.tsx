import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import type { InDomain, PackageGroup } from '../../api/codeartifact.ts'
import { useResource } from '../../api/use-resource.ts'
import { PermittedButton } from '../../permissions/permitted-button.tsx'
import type { PageProps } from '../../routes.ts'
import { packageGroupPath } from '../../routing/paths.ts'
import { Tags } from '../../tags/tags.tsx'
import { CopiedText } from '../../widgets/copied-text.tsx'
import { Loaded } from '../../widgets/loaded.tsx'
import { TabView } from '../../widgets/tab-view.tsx'
import { renderTime } from '../../widgets/texts.ts'
import { AssociatedPackages } from './associated-packages.tsx'
import { DeleteGroup } from './delete-group.tsx'
import { GroupOrigin } from './group-origin.tsx'

/** A package group: which packages it is about, and where their versions may come from. */
export default function PackageGroupPage({ params }: PageProps) {
  const place: InDomain = { domain: params.domain ?? '', domainOwner: params.owner ?? '' }
  const pattern = params.group ?? ''
  const group = useResource(`group ${place.domainOwner} ${place.domain} ${pattern}`, (client, signal) => {
    return client.codeartifact('DescribePackageGroup', { ...place, packageGroup: pattern }, signal)
  })
  return (
    <Loaded resource={group} what="The package group">
      {({ packageGroup }) => <Group place={place} group={packageGroup} onChanged={group.reload} />}
    </Loaded>
  )
}

interface GroupProps {
  readonly place: InDomain
  readonly group: PackageGroup
  readonly onChanged: () => void
}

function Group({ place, group, onChanged }: GroupProps) {
  const [isDeleting, setDeleting] = useState(false)
  const { arn, pattern } = group
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        description={group.description}
        actions={
          <PermittedButton
            action="codeartifact:DeletePackageGroup"
            resource={arn}
            disabled={group.parent === undefined}
            onClick={() => setDeleting(true)}
          >
            Delete
          </PermittedButton>
        }
      >
        Package group {pattern}
      </Header>
      <Container>
        <KeyValuePairs
          columns={4}
          items={[
            { label: 'ARN', value: <CopiedText what="ARN" text={arn} /> },
            {
              label: 'Parent',
              value: group.parent ? (
                <a href={packageGroupPath(place, group.parent.pattern)}>{group.parent.pattern}</a>
              ) : (
                'None: it is the root'
              ),
            },
            { label: 'Contact', value: group.contactInfo ?? '–' },
            { label: 'Created', value: renderTime(group.createdTime) },
          ]}
        />
      </Container>
      <TabView
        label="What there is about the package group"
        tabs={[
          { id: 'origin', label: 'Origin', content: <GroupOrigin place={place} group={group} onChanged={onChanged} /> },
          { id: 'packages', label: 'Packages', content: <AssociatedPackages place={place} pattern={pattern} /> },
          { id: 'tags', label: 'Tags', content: <Tags resourceArn={arn} /> },
        ]}
      />
      {isDeleting ? <DeleteGroup place={place} pattern={pattern} onEnd={() => setDeleting(false)} /> : null}
    </SpaceBetween>
  )
}
