import type { Metadata, Write } from '../../storage/metadata/metadata.ts'
import { parseEventPattern } from '../pattern/event-pattern.ts'
import { type EventRule, readEnabledRules } from './rules.ts'
import { type EventTarget, readTargets } from './targets.ts'

/** How many events are routed in one transaction. Ours. */
const BATCH_PACKAGES = 100
const BATCH_EVENTS = 200

export interface RouteParts {
  readonly metadata: Metadata
  /** Unit: ms since 1970. */
  readonly clock: () => number
  /** Grows with time. */
  readonly randomId: () => string
}

/** An event out of the outbox. */
interface RecordedEvent {
  readonly id: string
  readonly packageId: string
  readonly sequence: number
  readonly body: EventBody
}

type EventBody = Readonly<Record<string, unknown>> & {
  readonly detail: {
    readonly domainOwner: string
    readonly repositoryAdministrator: string
    readonly packageVersion: string
  }
}

/**
 * Hands events over to the targets of the rules that match them, in order, each event once, whatever other processes do.
 * Answers how many there were.
 */
export async function routeEvents(parts: RouteParts): Promise<number> {
  const events = await readOutbox(parts.metadata)
  if (events.length === 0) return 0
  const routes = await readRoutes(parts.metadata, events)
  return parts.metadata.write(async (write) => {
    const taken = await takeEvents(write, parts, events)
    const deliveries = events.filter(({ id }) => taken.has(id)).flatMap((event) => deliveriesOf(parts, event, routes))
    for (let at = 0; at < deliveries.length; at += 100) {
      await write.tx
        .insertInto('event_deliveries')
        .values(deliveries.slice(at, at + 100))
        .execute()
    }
    return taken.size
  })
}

/**
 * The oldest events; of each package from its first one on, so that none overtakes another, though clocks of several
 * machines disagree.
 */
async function readOutbox({ db }: Metadata): Promise<RecordedEvent[]> {
  const oldest = await db
    .selectFrom('events')
    .select('package_id')
    .where('delivered_at', 'is', null)
    .orderBy('id')
    .limit(BATCH_PACKAGES)
    .execute()
  if (oldest.length === 0) return []
  const rows = await db
    .selectFrom('events')
    .select(['id', 'package_id', 'sequence', 'body'])
    .where('delivered_at', 'is', null)
    .where('package_id', 'in', [...new Set(oldest.map((row) => row.package_id))])
    .orderBy('package_id')
    .orderBy('sequence')
    .limit(BATCH_EVENTS)
    .execute()
  return rows.map(({ id, package_id: packageId, sequence, body }) => {
    return { id, packageId, sequence, body: JSON.parse(body) as EventBody }
  })
}

interface Route {
  readonly rule: EventRule
  readonly isMeant: (event: unknown) => boolean
  readonly targets: readonly EventTarget[]
}

/** Rules as they stand now: a rule that is made later does not see events that were routed before. */
async function readRoutes({ db }: Metadata, events: readonly RecordedEvent[]): Promise<Route[]> {
  const rules = await readEnabledRules(db, [...new Set(events.flatMap(accountsOf))])
  const ids = rules.map(({ id }) => id)
  const targets = Map.groupBy(await readTargets(db, ids), ({ ruleId }) => ruleId)
  return rules
    .filter(({ id }) => targets.has(id))
    .map((rule) => ({ rule, isMeant: parseEventPattern(rule.pattern), targets: targets.get(rule.id) ?? [] }))
}

/** Source: CodeArtifact User Guide, "Working with CodeArtifact events": to the owner and to the administrator. */
function accountsOf({ body }: RecordedEvent): string[] {
  const { domainOwner, repositoryAdministrator } = body.detail
  return domainOwner === repositoryAdministrator ? [domainOwner] : [domainOwner, repositoryAdministrator]
}

async function takeEvents(
  { tx }: Write,
  { clock }: RouteParts,
  events: readonly RecordedEvent[],
): Promise<Set<string>> {
  const ids = events.map(({ id }) => id)
  const taken = tx.updateTable('events').set({ delivered_at: clock() }).where('id', 'in', ids)
  const rows = await taken.where('delivered_at', 'is', null).returning('id').execute()
  return new Set(rows.map(({ id }) => id))
}

function deliveriesOf({ clock, randomId }: RouteParts, event: RecordedEvent, routes: readonly Route[]) {
  return accountsOf(event).flatMap((account) => {
    const received = withAccount(event.body, account)
    const matching = routes.filter(({ rule, isMeant }) => rule.account === account && isMeant(received))
    const now = clock()
    return matching.flatMap(({ targets }) =>
      targets.map((target) => ({
        id: randomId(),
        target_key: target.key,
        account_id: account,
        event_id: event.id,
        line: `${event.packageId} ${event.body.detail.packageVersion}`,
        sequence: event.sequence,
        body: JSON.stringify(received),
        state: 'pending',
        attempts: 0,
        due_at: now,
        created_at: now,
        failed_at: null,
        last_error: null,
      })),
    )
  })
}

/** In the place where EventBridge has it. */
function withAccount({ version, id, 'detail-type': type, source, ...rest }: EventBody, account: string): object {
  return { version, id, 'detail-type': type, source, account, ...rest }
}
