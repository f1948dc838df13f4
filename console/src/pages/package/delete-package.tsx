import Box from '@cloudscape-design/components/box'
import type { OfPackage } from '../../api/codeartifact.ts'
import { useAction } from '../../api/use-action.ts'
import { useNotices } from '../../frame/notices.tsx'
import { navigate } from '../../routing/location.ts'
import { repositoryPath } from '../../routing/paths.ts'
import { ConfirmDialog } from '../../widgets/confirm-dialog.tsx'
import { renderPackage } from '../../widgets/texts.ts'

export function DeletePackage({ named, onEnd }: { readonly named: OfPackage; readonly onEnd: () => void }) {
  const notices = useNotices()
  const { isBusy, run } = useAction()
  const remove = async () => {
    const isDone = await run('The package was not deleted', (client) => client.codeartifact('DeletePackage', named))
    onEnd()
    if (!isDone) return
    notices.succeed(`The package ${renderPackage(named)} was deleted`)
    navigate(repositoryPath(named))
  }
  return (
    <ConfirmDialog
      title={`Delete the package ${renderPackage(named)}`}
      verb="Delete"
      typed={named.package}
      isBusy={isBusy}
      onConfirm={() => void remove()}
      onDismiss={onEnd}
    >
      <Box>All its versions in the repository {named.repository} are deleted, with their assets.</Box>
    </ConfirmDialog>
  )
}
