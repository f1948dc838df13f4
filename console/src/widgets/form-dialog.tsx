import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { ReactNode } from 'react'

interface FormDialogProps {
  readonly title: string
  /** On the button. */
  readonly verb: string
  readonly isBusy: boolean
  readonly isComplete: boolean
  readonly onSubmit: () => void
  readonly onDismiss: () => void
  readonly children: ReactNode
}

/** A few fields, and a button that does something with them. */
export function FormDialog({ title, verb, isBusy, isComplete, onSubmit, onDismiss, children }: FormDialogProps) {
  return (
    <Modal
      visible
      header={title}
      closeAriaLabel="Close"
      onDismiss={onDismiss}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onDismiss}>
              Cancel
            </Button>
            <Button variant="primary" loading={isBusy} disabled={!isComplete} onClick={onSubmit}>
              {verb}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">{children}</SpaceBetween>
    </Modal>
  )
}
