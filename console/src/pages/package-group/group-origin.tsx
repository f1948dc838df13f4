import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import type { GroupMode, GroupRestriction, InDomain, PackageGroup } from '../../api/codeartifact.ts'
import { useAction } from '../../api/use-action.ts'
import { useNotices } from '../../frame/notices.tsx'
import { PermittedButton } from '../../permissions/permitted-button.tsx'
import { GroupPreview } from '../../package-groups/group-preview.tsx'
import { usePermission } from '../../permissions/permissions.tsx'
import { AllowedRepositories } from './allowed-repositories.tsx'
import { modeChoices, type RestrictionText, restrictionTexts } from './restrictions.ts'

interface GroupOriginProps {
  readonly place: InDomain
  readonly group: PackageGroup
  readonly onChanged: () => void
}

type Modes = Partial<Record<GroupRestriction, GroupMode>>

/** Where versions of the group's packages may come from; with what would change, before it does. */
export function GroupOrigin({ place, group, onChanged }: GroupOriginProps) {
  const [wanted, setWanted] = useState<Modes>({})
  const notices = useNotices()
  const { isBusy, run } = useAction()
  const stored = group.originConfiguration.restrictions
  const changed = restrictionTexts.filter(({ id }) => wanted[id] !== undefined && wanted[id] !== stored[id].mode)
  const save = async () => {
    const input = { ...place, packageGroup: group.pattern, restrictions: wanted }
    const isDone = await run('The origin controls were not changed', (client) => {
      return client.codeartifact('UpdatePackageGroupOriginConfiguration', input)
    })
    if (!isDone) return
    notices.succeed('The origin controls were changed')
    setWanted({})
    onChanged()
  }
  return (
    <Container
      header={
        <Header
          actions={
            <PermittedButton
              variant="primary"
              action="codeartifact:UpdatePackageGroupOriginConfiguration"
              resource={group.arn}
              disabled={changed.length === 0}
              loading={isBusy}
              onClick={() => void save()}
            >
              Save
            </PermittedButton>
          }
        >
          Origin
        </Header>
      }
    >
      <SpaceBetween size="l">
        {restrictionTexts.map((text) => (
          <Restriction
            key={text.id}
            text={text}
            chosen={wanted[text.id] ?? stored[text.id].mode}
            onChosen={(mode) => setWanted({ ...wanted, [text.id]: mode })}
            {...{ place, group, onChanged }}
          />
        ))}
        {changed.length === 0 ? null : (
          <section aria-label="What would change">
            {changed.map(({ id, label }) => (
              <p key={id}>
                {label}: {stored[id].mode} becomes {wanted[id]}.
              </p>
            ))}
            <p>It is about the packages under this group, and under those groups below it that inherit:</p>
            <GroupPreview place={place} pattern={group.pattern} />
          </section>
        )}
      </SpaceBetween>
    </Container>
  )
}

interface RestrictionProps extends GroupOriginProps {
  readonly text: RestrictionText
  readonly chosen: GroupMode
  readonly onChosen: (mode: GroupMode) => void
}

function Restriction({ text, chosen, onChosen, place, group, onChanged }: RestrictionProps) {
  const { mode, effectiveMode, inheritedFrom } = group.originConfiguration.restrictions[text.id]
  const mayChange = usePermission('codeartifact:UpdatePackageGroupOriginConfiguration', group.arn)?.isAllowed === true
  const now = mode === 'INHERIT' && inheritedFrom ? `Inherited from ${inheritedFrom.pattern}: ` : 'Now: '
  return (
    <FormField label={text.label} description={text.description} constraintText={now + effectiveMode}>
      <Select
        disabled={!mayChange}
        options={[...modeChoices]}
        selectedOption={modeChoices.find(({ value }) => value === chosen) ?? null}
        onChange={({ detail }) => onChosen(detail.selectedOption.value as GroupMode)}
      />
      {effectiveMode === 'ALLOW_SPECIFIC_REPOSITORIES' ? (
        <AllowedRepositories place={place} group={group} restriction={text.id} onChanged={onChanged} />
      ) : null}
    </FormField>
  )
}
