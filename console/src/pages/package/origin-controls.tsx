import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import SegmentedControl from '@cloudscape-design/components/segmented-control'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import type { OfPackage, OriginRestrictions, Restriction } from '../../api/codeartifact.ts'
import { useAction } from '../../api/use-action.ts'
import { useResource } from '../../api/use-resource.ts'
import { useNotices } from '../../frame/notices.tsx'
import { PermittedButton } from '../../permissions/permitted-button.tsx'
import { usePermission } from '../../permissions/permissions.tsx'
import { packageGroupPath } from '../../routing/paths.ts'
import { Loaded } from '../../widgets/loaded.tsx'

interface OriginControlsProps {
  readonly named: OfPackage
  readonly arn: string
  readonly stored: OriginRestrictions
  readonly onChanged: () => void
}

/** Whether versions may be published here, and whether they may come from upstream: with what a change would mean. */
export function OriginControls({ named, arn, stored, onChanged }: OriginControlsProps) {
  const [wanted, setWanted] = useState(stored)
  const { isBusy, run } = useAction()
  const notices = useNotices()
  const mayChange = usePermission('codeartifact:PutPackageOriginConfiguration', arn)?.isAllowed === true
  const isChanged = wanted.publish !== stored.publish || wanted.upstream !== stored.upstream
  const save = async () => {
    const isDone = await run('The origin controls were not changed', (client) => {
      return client.codeartifact('PutPackageOriginConfiguration', { ...named, restrictions: wanted })
    })
    if (!isDone) return
    notices.succeed('The origin controls were changed')
    onChanged()
  }
  return (
    <Container
      header={
        <Header
          description="They keep a name of yours from being taken from outside, and one from outside from being published to."
          actions={
            <PermittedButton
              variant="primary"
              action="codeartifact:PutPackageOriginConfiguration"
              resource={arn}
              disabled={!isChanged}
              loading={isBusy}
              onClick={() => void save()}
            >
              Save
            </PermittedButton>
          }
        >
          Origin controls
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Choice
          label="Publish"
          description="May clients publish versions to this repository?"
          value={wanted.publish}
          disabled={!mayChange}
          onChange={(publish) => setWanted({ ...wanted, publish })}
        />
        <Choice
          label="Upstream"
          description="May versions be taken from upstream repositories and external connections?"
          value={wanted.upstream}
          disabled={!mayChange}
          onChange={(upstream) => setWanted({ ...wanted, upstream })}
        />
        <p aria-live="polite">{isChanged ? `When this is saved: ${meaningOf(wanted)}` : `Now: ${meaningOf(stored)}`}</p>
        <AssociatedGroup named={named} />
      </SpaceBetween>
    </Container>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly description: string
  readonly value: Restriction
  readonly disabled: boolean
  readonly onChange: (value: Restriction) => void
}

function Choice({ label, description, value, disabled, onChange }: ChoiceProps) {
  return (
    <FormField label={label} description={description}>
      <SegmentedControl
        label={label}
        selectedId={value}
        options={[
          { id: 'ALLOW', text: 'Allow', disabled },
          { id: 'BLOCK', text: 'Block', disabled },
        ]}
        onChange={({ detail }) => onChange(detail.selectedId as Restriction)}
      />
    </FormField>
  )
}

function meaningOf({ publish, upstream }: OriginRestrictions): string {
  if (publish === 'ALLOW' && upstream === 'ALLOW') {
    return 'versions may be published here and also come from upstream; whoever owns the name outside can add to it.'
  }
  if (publish === 'ALLOW') return 'versions come from those who publish here, and from nobody else.'
  if (upstream === 'ALLOW') return 'versions come from upstream only; publishing is refused.'
  return 'no further version comes in; those that are here stay.'
}

/** The package group has a say too. */
function AssociatedGroup({ named }: { readonly named: OfPackage }) {
  const { domain, domainOwner, format, namespace, package: name } = named
  const key = `group of ${domainOwner} ${domain} ${format} ${namespace ?? ''} ${name}`
  const group = useResource(key, (client, signal) => {
    const input = { domain, domainOwner, format, package: name, ...(namespace && { namespace }) }
    return client.codeartifact('GetAssociatedPackageGroup', input, signal)
  })
  return (
    <Loaded resource={group} what="The package group">
      {({ packageGroup: { pattern } }) => (
        <p>
          The package group <a href={packageGroupPath(named, pattern)}>{pattern}</a> also decides where versions may
          come from.
        </p>
      )}
    </Loaded>
  )
}
