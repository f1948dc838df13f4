import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { ReactNode } from 'react'
import type { Resource } from '../api/use-resource.ts'
import { Failure } from '../frame/notices.tsx'

interface LoadedProps<T> {
  readonly resource: Resource<T>
  /** What cannot be shown when it fails: `The repository`. */
  readonly what: string
  readonly children: (value: T) => ReactNode
}

/** Shows what was asked for once it is there, and why not when it is not. */
export function Loaded<T>({ resource, what, children }: LoadedProps<T>): ReactNode {
  const { value, error, reload } = resource
  if (error) {
    return (
      <Alert type="error" header={`${what} cannot be shown`} action={<Button onClick={reload}>Try again</Button>}>
        <Failure thrown={error} />
      </Alert>
    )
  }
  return value === undefined ? <StatusIndicator type="loading">Loading</StatusIndicator> : children(value)
}
