import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import { useState } from 'react'
import { useAction } from '../../api/use-action.ts'
import { useNotices } from '../../frame/notices.tsx'
import { FormDialog } from '../../widgets/form-dialog.tsx'

interface CreateDomainProps {
  readonly onCreated: () => void
  readonly onEnd: () => void
}

/** A name, and under which key everything in it is encrypted. */
export function CreateDomain({ onCreated, onEnd }: CreateDomainProps) {
  const [name, setName] = useState('')
  const [encryptionKey, setEncryptionKey] = useState('')
  const notices = useNotices()
  const { isBusy, run } = useAction()
  const create = async () => {
    const input = { domain: name, ...(encryptionKey !== '' && { encryptionKey }) }
    const isDone = await run('The domain was not created', (client) => client.codeartifact('CreateDomain', input))
    if (!isDone) return
    notices.succeed(`The domain ${name} was created`)
    onCreated()
    onEnd()
  }
  return (
    <FormDialog
      title="Create domain"
      verb="Create domain"
      isBusy={isBusy}
      isComplete={name !== ''}
      onSubmit={() => void create()}
      onDismiss={onEnd}
    >
      <FormField label="Name" constraintText="2 to 50 lower-case letters, digits and hyphens; it cannot be changed.">
        <Input value={name} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
      <FormField
        label="Encryption key (optional)"
        description="Id, ARN or alias of a key of this account; the account’s own key for packages unless you name one. It cannot be changed."
      >
        <Input value={encryptionKey} onChange={({ detail }) => setEncryptionKey(detail.value)} />
      </FormField>
    </FormDialog>
  )
}
