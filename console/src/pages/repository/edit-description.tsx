import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import { useState } from 'react'
import type { InRepository } from '../../api/codeartifact.ts'
import { useAction } from '../../api/use-action.ts'
import { FormDialog } from '../../widgets/form-dialog.tsx'

interface EditDescriptionProps {
  readonly place: InRepository
  readonly before: string
  readonly onChanged: () => void
  readonly onEnd: () => void
}

export function EditDescription({ place, before, onChanged, onEnd }: EditDescriptionProps) {
  const [description, setDescription] = useState(before)
  const { isBusy, run } = useAction()
  const save = async () => {
    const isDone = await run('The description was not changed', (client) => {
      return client.codeartifact('UpdateRepository', { ...place, description })
    })
    if (!isDone) return
    onChanged()
    onEnd()
  }
  return (
    <FormDialog
      title="Edit description"
      verb="Save"
      isBusy={isBusy}
      isComplete={description !== before}
      onSubmit={() => void save()}
      onDismiss={onEnd}
    >
      <FormField label="Description">
        <Input value={description} onChange={({ detail }) => setDescription(detail.value)} />
      </FormField>
    </FormDialog>
  )
}
