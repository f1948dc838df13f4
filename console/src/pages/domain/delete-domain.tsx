import Box from '@cloudscape-design/components/box'
import type { InDomain } from '../../api/codeartifact.ts'
import { useAction } from '../../api/use-action.ts'
import { useNotices } from '../../frame/notices.tsx'
import { navigate } from '../../routing/location.ts'
import { pathTo } from '../../routing/match.ts'
import { ConfirmDialog } from '../../widgets/confirm-dialog.tsx'

/** Only an empty domain can be deleted, which the server sees to. */
export function DeleteDomain({ place, onEnd }: { readonly place: InDomain; readonly onEnd: () => void }) {
  const notices = useNotices()
  const { isBusy, run } = useAction()
  const remove = async () => {
    const isDone = await run('The domain was not deleted', (client) => client.codeartifact('DeleteDomain', place))
    onEnd()
    if (!isDone) return
    notices.succeed(`The domain ${place.domain} was deleted`)
    navigate(pathTo(['domains']))
  }
  return (
    <ConfirmDialog
      title={`Delete the domain ${place.domain}`}
      verb="Delete"
      typed={place.domain}
      isBusy={isBusy}
      onConfirm={() => void remove()}
      onDismiss={onEnd}
    >
      <Box>Its repositories have to be deleted before it. A deleted domain does not come back.</Box>
    </ConfirmDialog>
  )
}
