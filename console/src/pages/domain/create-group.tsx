import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import { useState } from 'react'
import type { InDomain } from '../../api/codeartifact.ts'
import { useAction } from '../../api/use-action.ts'
import { useNotices } from '../../frame/notices.tsx'
import { FormDialog } from '../../widgets/form-dialog.tsx'
import { GroupPreview } from '../../package-groups/group-preview.tsx'

interface CreateGroupProps {
  readonly place: InDomain
  readonly onCreated: () => void
  readonly onEnd: () => void
}

/** The pattern, with what it would match, before it is made. */
export function CreateGroup({ place, onCreated, onEnd }: CreateGroupProps) {
  const [pattern, setPattern] = useState('/npm/')
  const [contactInfo, setContactInfo] = useState('')
  const [description, setDescription] = useState('')
  const notices = useNotices()
  const { isBusy, run } = useAction()
  const create = async () => {
    const isDone = await run('The package group was not created', (client) => {
      return client.codeartifact('CreatePackageGroup', { ...place, packageGroup: pattern, contactInfo, description })
    })
    if (!isDone) return
    notices.succeed(`The package group ${pattern} was created`)
    onCreated()
    onEnd()
  }
  return (
    <FormDialog
      title="Create package group"
      verb="Create package group"
      isBusy={isBusy}
      isComplete={pattern.startsWith('/')}
      onSubmit={() => void create()}
      onDismiss={onEnd}
    >
      <FormField
        label="Pattern"
        description="Format, namespace and name: /npm/acme/* is the scope @acme, /npm//react$ the package react, /pypi/* all of a format."
      >
        <Input value={pattern} onChange={({ detail }) => setPattern(detail.value)} />
      </FormField>
      <GroupPreview place={place} pattern={pattern} />
      <FormField label="Contact (optional)">
        <Input value={contactInfo} onChange={({ detail }) => setContactInfo(detail.value)} />
      </FormField>
      <FormField label="Description (optional)">
        <Input value={description} onChange={({ detail }) => setDescription(detail.value)} />
      </FormField>
    </FormDialog>
  )
}
