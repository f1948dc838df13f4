import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { useAction } from '../api/use-action.ts'

interface AddTagProps {
  readonly resourceArn: string
  readonly onAdded: () => void
  readonly onEnd: () => void
}

export function AddTag({ resourceArn, onAdded, onEnd }: AddTagProps) {
  const [key, setKey] = useState('')
  const [value, setValue] = useState('')
  const { isBusy, run } = useAction()
  const add = async () => {
    const isDone = await run('The tag was not added', (client) => {
      return client.codeartifact('TagResource', { resourceArn, tags: [{ key, value }] })
    })
    if (!isDone) return
    onAdded()
    onEnd()
  }
  return (
    <SpaceBetween size="m">
      <FormField label="Key">
        <Input value={key} onChange={({ detail }) => setKey(detail.value)} />
      </FormField>
      <FormField label="Value">
        <Input value={value} onChange={({ detail }) => setValue(detail.value)} />
      </FormField>
      <SpaceBetween direction="horizontal" size="xs">
        <Button variant="primary" loading={isBusy} disabled={key === ''} onClick={() => void add()}>
          Add
        </Button>
        <Button onClick={onEnd}>Cancel</Button>
      </SpaceBetween>
    </SpaceBetween>
  )
}
