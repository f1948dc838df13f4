import type { InDomain } from '../../api/codeartifact.ts'
import { useAction } from '../../api/use-action.ts'
import { useNotices } from '../../frame/notices.tsx'
import { GroupPreview } from '../../package-groups/group-preview.tsx'
import { navigate } from '../../routing/location.ts'
import { domainPath } from '../../routing/paths.ts'
import { ConfirmDialog } from '../../widgets/confirm-dialog.tsx'

interface DeleteGroupProps {
  readonly place: InDomain
  readonly pattern: string
  readonly onEnd: () => void
}

export function DeleteGroup({ place, pattern, onEnd }: DeleteGroupProps) {
  const notices = useNotices()
  const { isBusy, run } = useAction()
  const remove = async () => {
    const isDone = await run('The package group was not deleted', (client) => {
      return client.codeartifact('DeletePackageGroup', { ...place, packageGroup: pattern })
    })
    onEnd()
    if (!isDone) return
    notices.succeed(`The package group ${pattern} was deleted`)
    navigate(domainPath(place, 'groups'))
  }
  return (
    <ConfirmDialog
      title={`Delete the package group ${pattern}`}
      verb="Delete"
      isBusy={isBusy}
      onConfirm={() => void remove()}
      onDismiss={onEnd}
    >
      <div>The packages that it is about come under the next wider group, and under its controls.</div>
      <GroupPreview place={place} pattern={pattern} />
    </ConfirmDialog>
  )
}
