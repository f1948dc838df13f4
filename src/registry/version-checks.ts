import type { VersionRow } from './version-rows.ts'

/** Source: CodeArtifact service model, `PackageVersionErrorCode`. */
export type VersionErrorCode =
  | 'ALREADY_EXISTS'
  | 'MISMATCHED_REVISION'
  | 'MISMATCHED_STATUS'
  | 'NOT_ALLOWED'
  | 'NOT_FOUND'
  | 'SKIPPED'

export interface VersionFailure {
  readonly code: VersionErrorCode
  readonly message: string
}

/** What a call did to each version it named. */
export interface VersionsOutcome {
  readonly successful: Map<string, { readonly revision: string; readonly status: string }>
  readonly failed: Map<string, VersionFailure>
}

/** What the caller takes a version to be; it is left alone when it is something else by now. */
export interface VersionExpectations {
  readonly expectedStatus?: string | undefined
  readonly revisions?: ReadonlyMap<string, string> | undefined
  /** The status that the versions shall have; undefined where they shall be gone. */
  readonly target?: string | undefined
}

export function emptyOutcome(): VersionsOutcome {
  return { successful: new Map(), failed: new Map() }
}

/** The texts are the service's own. Source: CodeArtifact User Guide, "Update package version status". */
export function checkVersion(
  row: Pick<VersionRow, 'version' | 'status' | 'revision'>,
  { expectedStatus, revisions, target }: VersionExpectations,
): VersionFailure | undefined {
  if (expectedStatus !== undefined && row.status !== expectedStatus) {
    return { code: 'MISMATCHED_STATUS', message: `current status: ${row.status}, expected status: ${expectedStatus}` }
  }
  const expected = revisions?.get(row.version)
  if (expected !== undefined && row.revision !== expected) {
    return { code: 'MISMATCHED_REVISION', message: `current revision: ${row.revision}, expected revision: ${expected}` }
  }
  if (row.status !== 'Disposed' || target === undefined) return undefined
  return { code: 'NOT_ALLOWED', message: `version ${row.version} is Disposed and can only be deleted` }
}

export function versionMissingIn(version: string): VersionFailure {
  return { code: 'NOT_FOUND', message: `Could not find version ${version}` }
}
