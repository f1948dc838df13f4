import type { Client } from '../api/client.ts'
import type { OfPackage, VersionsOutcome } from '../api/codeartifact.ts'
import { ConfirmDialog } from '../widgets/confirm-dialog.tsx'
import { CopyVersions } from './copy-versions.tsx'
import { StatusDialog } from './status-dialog.tsx'

export type ChangeKind = 'status' | 'copy' | 'dispose' | 'delete'

export interface VersionDialogProps {
  readonly named: OfPackage
  readonly versions: string[]
  readonly isBusy: boolean
  /** Does it, and says what came of it. `what` ends the sentence `The versions were`. */
  readonly change: (what: string, act: (client: Client) => Promise<VersionsOutcome>) => Promise<void>
  readonly onDismiss: () => void
}

/** Asks what exactly, or whether really. */
export function VersionDialog({ kind, ...props }: VersionDialogProps & { readonly kind: ChangeKind }) {
  const { named, versions, isBusy, change, onDismiss } = props
  switch (kind) {
    case 'status':
      return (
        <StatusDialog
          isBusy={isBusy}
          onDismiss={onDismiss}
          onChosen={(targetStatus) =>
            void change('changed', (client) =>
              client.codeartifact('UpdatePackageVersionsStatus', { ...named, versions, targetStatus }),
            )
          }
        />
      )
    case 'copy':
      return <CopyVersions {...props} />
    case 'dispose':
      return <Disposal {...props} />
    case 'delete':
      return <Deletion {...props} />
  }
}

function Disposal({ named, versions, isBusy, change, onDismiss }: VersionDialogProps) {
  return (
    <ConfirmDialog
      title={`Dispose of ${versions.join(', ')}`}
      verb="Dispose"
      isBusy={isBusy}
      onConfirm={() =>
        void change('disposed of', (client) => client.codeartifact('DisposePackageVersions', { ...named, versions }))
      }
      onDismiss={onDismiss}
    >
      Their assets are deleted; what is known of them, and that they were there, is kept.
    </ConfirmDialog>
  )
}

function Deletion({ named, versions, isBusy, change, onDismiss }: VersionDialogProps) {
  return (
    <ConfirmDialog
      title={`Delete ${versions.join(', ')}`}
      verb="Delete"
      isBusy={isBusy}
      onConfirm={() =>
        void change('deleted', (client) => client.codeartifact('DeletePackageVersions', { ...named, versions }))
      }
      onDismiss={onDismiss}
    >
      They are taken out of the repository {named.repository} with their assets, and do not come back.
    </ConfirmDialog>
  )
}
