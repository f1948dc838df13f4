import Box from '@cloudscape-design/components/box'
import type { InRepository } from '../../api/codeartifact.ts'
import { useAction } from '../../api/use-action.ts'
import { useNotices } from '../../frame/notices.tsx'
import { navigate } from '../../routing/location.ts'
import { domainPath } from '../../routing/paths.ts'
import { ConfirmDialog } from '../../widgets/confirm-dialog.tsx'

export function DeleteRepository({ place, onEnd }: { readonly place: InRepository; readonly onEnd: () => void }) {
  const notices = useNotices()
  const { isBusy, run } = useAction()
  const remove = async () => {
    const isDone = await run('The repository was not deleted', (client) => {
      return client.codeartifact('DeleteRepository', place)
    })
    onEnd()
    if (!isDone) return
    notices.succeed(`The repository ${place.repository} was deleted`)
    navigate(domainPath(place))
  }
  return (
    <ConfirmDialog
      title={`Delete the repository ${place.repository}`}
      verb="Delete"
      typed={place.repository}
      isBusy={isBusy}
      onConfirm={() => void remove()}
      onDismiss={onEnd}
    >
      <Box>Every package version that only this repository holds is lost. It does not come back.</Box>
    </ConfirmDialog>
  )
}
