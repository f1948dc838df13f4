import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { type ReactNode, useState } from 'react'

interface ConfirmDialogProps {
  /** A question without its mark: `Delete the repository main`. */
  readonly title: string
  /** On the button. */
  readonly verb: string
  /** What has to be typed first, for what cannot be undone. */
  readonly typed?: string
  readonly isBusy: boolean
  readonly onConfirm: () => void
  readonly onDismiss: () => void
  readonly children: ReactNode
}

/** Asks before something is done that is hard to undo. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, verb, typed, isBusy, onConfirm, onDismiss, children } = props
  const [text, setText] = useState('')
  return (
    <Modal
      visible
      header={`${title}?`}
      closeAriaLabel="Close"
      onDismiss={onDismiss}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onDismiss}>
              Cancel
            </Button>
            <Button
              variant="primary"
              loading={isBusy}
              disabled={typed !== undefined && text !== typed}
              onClick={onConfirm}
            >
              {verb}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {children}
        {typed === undefined ? null : (
          <FormField label={`Type ${typed} to confirm`}>
            <Input value={text} onChange={({ detail }) => setText(detail.value)} />
          </FormField>
        )}
      </SpaceBetween>
    </Modal>
  )
}
