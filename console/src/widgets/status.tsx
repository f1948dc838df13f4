import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import type { VersionOrigin, VersionStatus } from '../api/codeartifact.ts'

const types: Readonly<Record<VersionStatus, StatusIndicatorProps.Type>> = {
  Published: 'success',
  Unfinished: 'in-progress',
  Unlisted: 'info',
  Archived: 'stopped',
  Disposed: 'stopped',
  Deleted: 'stopped',
}

export function Status({ status }: { readonly status: VersionStatus }) {
  return <StatusIndicator type={types[status]}>{status}</StatusIndicator>
}

/** Where a version came from: published here, or fetched through a connection. */
export function renderOrigin({ originType, domainEntryPoint }: VersionOrigin): string {
  const { repositoryName, externalConnectionName } = domainEntryPoint ?? {}
  if (originType === 'INTERNAL') return repositoryName ? `Published to ${repositoryName}` : 'Published here'
  if (originType === 'EXTERNAL') return externalConnectionName ? `From ${externalConnectionName}` : 'From outside'
  return 'Unknown'
}
