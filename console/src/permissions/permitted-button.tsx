import Button, { type ButtonProps } from '@cloudscape-design/components/button'
import { usePermission } from './permissions.tsx'

interface PermittedButtonProps extends ButtonProps {
  /** As `codeartifact:DeleteRepository`. */
  readonly action: string
  /** The ARN of what it is done to; undefined while that is loading. */
  readonly resource: string | undefined
}

/** A button that says why it cannot be used by one who may not do what it does. */
export function PermittedButton({ action, resource, ...button }: PermittedButtonProps) {
  const verdict = usePermission(action, resource)
  if (verdict?.isAllowed === false) return <Button {...button} disabled disabledReason={verdict.reason} />
  return <Button {...button} disabled={button.disabled === true || verdict === undefined} />
}
