import RadioGroup from '@cloudscape-design/components/radio-group'
import { useState } from 'react'
import type { VersionStatus } from '../api/codeartifact.ts'
import { FormDialog } from '../widgets/form-dialog.tsx'

const choices: readonly { readonly value: VersionStatus; readonly label: string; readonly description: string }[] = [
  { value: 'Published', label: 'Published', description: 'Listed, and can be installed.' },
  { value: 'Unlisted', label: 'Unlisted', description: 'No longer listed; who asks for exactly this version gets it.' },
  { value: 'Archived', label: 'Archived', description: 'Kept, and cannot be installed.' },
]

interface StatusDialogProps {
  readonly isBusy: boolean
  readonly onChosen: (status: VersionStatus) => void
  readonly onDismiss: () => void
}

export function StatusDialog({ isBusy, onChosen, onDismiss }: StatusDialogProps) {
  const [status, setStatus] = useState<VersionStatus>('Published')
  return (
    <FormDialog
      title="Change status"
      verb="Change"
      isBusy={isBusy}
      isComplete
      onSubmit={() => onChosen(status)}
      onDismiss={onDismiss}
    >
      <RadioGroup
        ariaLabel="Status"
        items={[...choices]}
        value={status}
        onChange={({ detail }) => setStatus(detail.value as VersionStatus)}
      />
    </FormDialog>
  )
}
