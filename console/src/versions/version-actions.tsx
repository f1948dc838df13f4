import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import type { Client } from '../api/client.ts'
import type { OfPackage, VersionsOutcome } from '../api/codeartifact.ts'
import { useAction } from '../api/use-action.ts'
import { useNotices } from '../frame/notices.tsx'
import { PermittedButton } from '../permissions/permitted-button.tsx'
import { type ChangeKind, VersionDialog } from './version-dialog.tsx'

interface VersionActionsProps {
  readonly named: OfPackage
  readonly arn: string
  readonly versions: readonly string[]
  readonly onChanged: () => void
}

const buttons: readonly { readonly kind: ChangeKind; readonly text: string; readonly action: string }[] = [
  { kind: 'status', text: 'Change status', action: 'codeartifact:UpdatePackageVersionsStatus' },
  { kind: 'copy', text: 'Copy', action: 'codeartifact:CopyPackageVersions' },
  { kind: 'dispose', text: 'Dispose', action: 'codeartifact:DisposePackageVersions' },
  { kind: 'delete', text: 'Delete', action: 'codeartifact:DeletePackageVersions' },
]

/** What can be done to versions of a package, one or many. */
export function VersionActions({ named, arn, versions, onChanged }: VersionActionsProps) {
  const [open, setOpen] = useState<ChangeKind>()
  const notices = useNotices()
  const { isBusy, run } = useAction()
  const change = async (what: string, act: (client: Client) => Promise<VersionsOutcome>) => {
    const isDone = await run(`The versions were not ${what}`, async (client) => {
      const { failedVersions, successfulVersions } = await act(client)
      for (const [version, { errorMessage }] of Object.entries(failedVersions)) {
        notices.fail(`Version ${version} was not ${what}`, new Error(errorMessage))
      }
      const changed = Object.keys(successfulVersions)
      if (changed.length > 0) notices.succeed(`${changed.join(', ')}: ${what}`)
    })
    setOpen(undefined)
    if (isDone) onChanged()
  }
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {buttons.map(({ kind, text, action }) => (
        <PermittedButton
          key={kind}
          action={action}
          resource={arn}
          disabled={versions.length === 0}
          onClick={() => setOpen(kind)}
        >
          {text}
        </PermittedButton>
      ))}
      {open === undefined ? null : (
        <VersionDialog
          kind={open}
          named={named}
          versions={[...versions]}
          isBusy={isBusy}
          change={change}
          onDismiss={() => setOpen(undefined)}
        />
      )}
    </SpaceBetween>
  )
}
