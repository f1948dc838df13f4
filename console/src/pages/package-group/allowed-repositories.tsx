import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import type { GroupRestriction, InDomain, PackageGroup } from '../../api/codeartifact.ts'
import { useAction } from '../../api/use-action.ts'
import { useResource } from '../../api/use-resource.ts'
import { PermittedButton } from '../../permissions/permitted-button.tsx'
import { Loaded } from '../../widgets/loaded.tsx'

interface AllowedRepositoriesProps {
  readonly place: InDomain
  readonly group: PackageGroup
  readonly restriction: GroupRestriction
  readonly onChanged: () => void
}

/** The repositories in which it is allowed. */
export function AllowedRepositories({ place, group, restriction, onChanged }: AllowedRepositoriesProps) {
  const [name, setName] = useState('')
  const { isBusy, run } = useAction()
  const named = { ...place, packageGroup: group.pattern }
  const allowed = useResource(`allowed ${JSON.stringify(named)} ${restriction}`, (client, signal) => {
    const input = { ...named, originRestrictionType: restriction, maxResults: 100 }
    return client.codeartifact('ListAllowedRepositoriesForGroup', input, signal)
  })
  const change = async (kind: 'addAllowedRepositories' | 'removeAllowedRepositories', repositoryName: string) => {
    const changed = [{ repositoryName, originRestrictionType: restriction }]
    const isDone = await run('The allowed repositories were not changed', (client) => {
      return client.codeartifact('UpdatePackageGroupOriginConfiguration', { ...named, [kind]: changed })
    })
    if (!isDone) return
    setName('')
    allowed.reload()
    onChanged()
  }
  return (
    <Loaded resource={allowed} what="The allowed repositories">
      {({ allowedRepositories }) => (
        <SpaceBetween size="xs">
          <ul aria-label="Allowed repositories">
            {allowedRepositories.map((each) => (
              <li key={each}>
                {each}{' '}
                <PermittedButton
                  variant="inline-link"
                  action="codeartifact:UpdatePackageGroupOriginConfiguration"
                  resource={group.arn}
                  ariaLabel={`Allow it no longer in ${each}`}
                  disabled={isBusy}
                  onClick={() => void change('removeAllowedRepositories', each)}
                >
                  Remove
                </PermittedButton>
              </li>
            ))}
          </ul>
          <SpaceBetween direction="horizontal" size="xs">
            <Input
              ariaLabel="Repository in which it is to be allowed"
              placeholder="Repository"
              value={name}
              onChange={({ detail }) => setName(detail.value)}
            />
            <PermittedButton
              action="codeartifact:UpdatePackageGroupOriginConfiguration"
              resource={group.arn}
              disabled={name === '' || isBusy}
              onClick={() => void change('addAllowedRepositories', name)}
            >
              Allow
            </PermittedButton>
          </SpaceBetween>
        </SpaceBetween>
      )}
    </Loaded>
  )
}
