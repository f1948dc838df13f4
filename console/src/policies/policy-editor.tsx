import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Textarea from '@cloudscape-design/components/textarea'
import { useState } from 'react'
import type { ResourcePolicy } from '../api/codeartifact.ts'
import { useAction } from '../api/use-action.ts'
import { useResource } from '../api/use-resource.ts'
import { useNotices } from '../frame/notices.tsx'
import { PermittedButton } from '../permissions/permitted-button.tsx'
import { Loaded } from '../widgets/loaded.tsx'
import { findMistake, formatPolicy } from './policy-text.ts'
import type { PolicySubject } from './policy-subject.ts'
import { WhoMay } from './who-may.tsx'

/** The policy of a domain or a repository: who else may use it. */
export function Policy({ subject }: { readonly subject: PolicySubject }) {
  const policy = useResource(`policy ${subject.arn}`, subject.read)
  return (
    <Loaded resource={policy} what="The policy">
      {(found) => (
        <PolicyEditor
          key={found?.revision ?? 'none'}
          subject={subject}
          stored={found ?? undefined}
          onChanged={policy.reload}
        />
      )}
    </Loaded>
  )
}

interface PolicyEditorProps {
  readonly subject: PolicySubject
  readonly stored: ResourcePolicy | undefined
  readonly onChanged: () => void
}

function PolicyEditor({ subject, stored, onChanged }: PolicyEditorProps) {
  const before = stored === undefined ? '' : formatPolicy(stored.document)
  const [text, setText] = useState(before)
  const notices = useNotices()
  const { isBusy, run } = useAction()
  const mistake = text.trim() === '' ? undefined : findMistake(text)
  const save = async () => {
    const isDone = await run('The policy was not saved', (client) => subject.write(client, text, stored?.revision))
    if (!isDone) return
    notices.succeed('The policy was saved')
    onChanged()
  }
  const remove = async () => {
    const isDone = await run('The policy was not deleted', (client) => subject.remove(client))
    if (!isDone) return
    notices.succeed('The policy was deleted')
    onChanged()
  }
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            description="Who may use it beside those whose own policies say so."
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button disabled={text === before} onClick={() => setText(before)}>
                  Undo
                </Button>
                <PermittedButton
                  action={subject.actions.remove}
                  resource={subject.arn}
                  disabled={stored === undefined || isBusy}
                  onClick={() => void remove()}
                >
                  Delete policy
                </PermittedButton>
                <PermittedButton
                  variant="primary"
                  action={subject.actions.write}
                  resource={subject.arn}
                  loading={isBusy}
                  disabled={text === before || text.trim() === '' || mistake !== undefined}
                  onClick={() => void save()}
                >
                  Save policy
                </PermittedButton>
              </SpaceBetween>
            }
          >
            Resource policy
          </Header>
        }
      >
        <FormField label="Policy document" errorText={mistake} stretch>
          <Textarea
            rows={16}
            spellcheck={false}
            placeholder="No policy"
            value={text}
            onChange={({ detail }) => setText(detail.value)}
          />
        </FormField>
      </Container>
      <WhoMay subject={subject} />
    </SpaceBetween>
  )
}
