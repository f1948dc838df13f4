import type { Write } from '../storage/metadata/metadata.ts'
import type { JournalClock } from './events.ts'

/** Something that happened in a domain and is no change of a package version: Packyard's own events. */
export interface DomainEvent {
  readonly domain: { readonly id: string; readonly name: string; readonly owner: string }
  /** `Packyard Rule Change`. */
  readonly detailType: string
  /** ARNs. */
  readonly resources: readonly string[]
  /** What is told beside `domainName` and `domainOwner`. */
  readonly detail: Readonly<Record<string, unknown>>
}

/** Writes the event in the transaction that makes the change, as `recordVersionEvent` does. No order among them is kept. */
export async function recordDomainEvent(write: Write, clock: JournalClock, event: DomainEvent): Promise<void> {
  const { domain, detailType, resources, detail } = event
  const id = clock.randomId()
  const body = {
    version: '0',
    id,
    'detail-type': detailType,
    source: 'packyard',
    time: `${new Date(clock.now).toISOString().slice(0, 19)}Z`,
    region: clock.region,
    resources,
    detail: {
      domainName: domain.name,
      domainOwner: domain.owner,
      // Delivery sends to the domain's owner and to this one.
      repositoryAdministrator: domain.owner,
      ...detail,
    },
  }
  await write.tx
    .insertInto('events')
    .values({
      id,
      domain_id: domain.id,
      package_id: id,
      sequence: 0,
      body: JSON.stringify(body),
      created_at: clock.now,
      delivered_at: null,
    })
    .execute()
}
