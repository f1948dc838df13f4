import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import type { InDomain } from '../api/codeartifact.ts'
import { useResource } from '../api/use-resource.ts'
import { Loaded } from '../widgets/loaded.tsx'
import { renderPackage } from '../widgets/texts.ts'

/** How many are shown. Unit: packages. Ours. */
const SHOWN_MAX = 20

interface GroupPreviewProps {
  readonly place: InDomain
  readonly pattern: string
}

/** Which packages would come under a group with this pattern, when asked. */
export function GroupPreview({ place, pattern }: GroupPreviewProps) {
  const [asked, setAsked] = useState('')
  return (
    <SpaceBetween size="xs">
      <Button disabled={!pattern.startsWith('/')} onClick={() => setAsked(pattern)}>
        Preview what it would match
      </Button>
      {asked === '' ? null : <Matches place={place} pattern={asked} />}
    </SpaceBetween>
  )
}

function Matches({ place, pattern }: GroupPreviewProps) {
  const matches = useResource(`preview ${place.domainOwner} ${place.domain} ${pattern}`, (client, signal) => {
    const input = { ...place, packageGroup: pattern, preview: true, maxResults: SHOWN_MAX }
    return client.codeartifact('ListAssociatedPackages', input, signal)
  })
  return (
    <Loaded resource={matches} what="The preview">
      {({ packages, nextToken }) => (
        <div role="status">
          {packages.length === 0 ? `${pattern} matches no package that is there now.` : `${pattern} would match:`}
          <ul>
            {packages.map((each) => (
              <li key={`${each.format} ${each.namespace ?? ''} ${each.package}`}>
                {renderPackage(each)} ({each.format})
              </li>
            ))}
            {nextToken === undefined ? null : <li>and more</li>}
          </ul>
        </div>
      )}
    </Loaded>
  )
}
