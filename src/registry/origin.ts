import type { OriginRestrictions, VersionOrigin } from './model.ts'

/** What a package without a record may do: nothing has decided yet. Source: User Guide, "Package origin controls". */
export const openRestrictions: OriginRestrictions = { publish: 'ALLOW', upstream: 'ALLOW' }

/** A name that was published inside never comes from outside unless someone says so. */
export const publishedRestrictions: OriginRestrictions = { publish: 'ALLOW', upstream: 'BLOCK' }

/** A name that came from elsewhere is not published to by accident. */
export const retainedRestrictions: OriginRestrictions = { publish: 'BLOCK', upstream: 'ALLOW' }

/** `EXTERNAL` for what an external connection gave, whichever repository it has reached since. */
export function externalOrigin(connection: string): VersionOrigin {
  return { type: 'EXTERNAL', entryPoint: connection }
}

export function internalOrigin(repository: string): VersionOrigin {
  return { type: 'INTERNAL', entryPoint: repository }
}
