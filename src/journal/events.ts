import type { Write } from '../storage/metadata/metadata.ts'

/** One change of one version in one repository. Source: CodeArtifact User Guide, "Monitoring events". */
export interface VersionChange {
  readonly domain: { readonly id: string; readonly name: string; readonly owner: string }
  readonly repository: { readonly name: string; readonly administratorAccount: string }
  readonly packageId: string
  readonly packageArn: string
  readonly name: { readonly format: string; readonly namespace: string; readonly name: string }
  readonly version: string
  /** The state after the change; for `Deleted` the last one. */
  readonly status: string
  readonly revision: string
  readonly operation: 'Created' | 'Updated' | 'Deleted'
  readonly changes: {
    readonly assetsAdded: number
    readonly assetsRemoved: number
    readonly assetsUpdated: number
    readonly metadataUpdated: boolean
    readonly statusChanged: boolean
  }
}

export interface JournalClock {
  readonly region: string
  /** Unit: ms since 1970. */
  readonly now: number
  readonly randomId: () => string
}

/**
 * Writes the event in the transaction that makes the change, so that nothing happens unannounced. `account` is left out:
 * it is the receiver's, and delivery knows who that is.
 */
export async function recordVersionEvent(write: Write, clock: JournalClock, change: VersionChange): Promise<void> {
  const sequence = await nextSequence(write, change.packageId)
  const id = clock.randomId()
  const body = {
    version: '0',
    id,
    'detail-type': 'CodeArtifact Package Version State Change',
    source: 'aws.codeartifact',
    time: `${new Date(clock.now).toISOString().slice(0, 19)}Z`,
    region: clock.region,
    resources: [change.packageArn],
    detail: detailOf(change, sequence, id),
  }
  await write.tx
    .insertInto('events')
    .values({
      id,
      domain_id: change.domain.id,
      package_id: change.packageId,
      sequence,
      body: JSON.stringify(body),
      created_at: clock.now,
      delivered_at: null,
    })
    .execute()
}

function detailOf(change: VersionChange, sequence: number, id: string) {
  return {
    domainName: change.domain.name,
    domainOwner: change.domain.owner,
    repositoryName: change.repository.name,
    repositoryAdministrator: change.repository.administratorAccount,
    packageFormat: change.name.format,
    packageNamespace: change.name.namespace === '' ? null : change.name.namespace,
    packageName: change.name.name,
    packageVersion: change.version,
    packageVersionState: change.status,
    packageVersionRevision: change.revision,
    changes: change.changes,
    operationType: change.operation,
    sequenceNumber: sequence,
    eventDeduplicationId: id,
  }
}

/** Per package, strictly increasing; the row's lock orders concurrent writers. */
async function nextSequence(write: Write, packageId: string): Promise<number> {
  const row = await write.tx
    .updateTable('packages')
    .set((eb) => ({ event_sequence: eb('event_sequence', '+', 1) }))
    .where('id', '=', packageId)
    .returning('event_sequence')
    .executeTakeFirstOrThrow()
  return row.event_sequence
}
