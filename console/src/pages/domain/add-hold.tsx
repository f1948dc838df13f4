import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import { useState } from 'react'
import type { InDomain } from '../../api/codeartifact.ts'
import { useAction } from '../../api/use-action.ts'
import { useNotices } from '../../frame/notices.tsx'
import { FormDialog } from '../../widgets/form-dialog.tsx'

interface AddHoldProps {
  readonly place: InDomain
  readonly onAdded: () => void
  readonly onEnd: () => void
}

export function AddHold({ place, onAdded, onEnd }: AddHoldProps) {
  const [pattern, setPattern] = useState('')
  const [version, setVersion] = useState('')
  const [reason, setReason] = useState('')
  const notices = useNotices()
  const { isBusy, run } = useAction()
  const add = async () => {
    const input = { ...place, pattern, reason, ...(version && { version }) }
    const isDone = await run('The hold was not added', (client) => client.packyard('POST /holds', input))
    if (!isDone) return
    notices.succeed(`${pattern} is on hold`)
    onAdded()
    onEnd()
  }
  return (
    <FormDialog
      title="Add hold"
      verb="Add hold"
      isBusy={isBusy}
      isComplete={pattern !== '' && reason !== ''}
      onSubmit={() => void add()}
      onDismiss={onEnd}
    >
      <FormField label="Packages" description="As the pattern of a package group: /npm/acme/widgets$, /pypi/*.">
        <Input value={pattern} onChange={({ detail }) => setPattern(detail.value)} />
      </FormField>
      <FormField label="Version (optional)" description="Every version unless you name one.">
        <Input value={version} onChange={({ detail }) => setVersion(detail.value)} />
      </FormField>
      <FormField label="Reason" description="For those who wonder later why it is still there.">
        <Input value={reason} onChange={({ detail }) => setReason(detail.value)} />
      </FormField>
    </FormDialog>
  )
}
