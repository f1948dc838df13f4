import type { Actor } from '../../journal/audit.ts'
import { recordAudit } from '../../journal/audit.ts'
import type { Write } from '../../storage/metadata/metadata.ts'
import type { DomainAddress } from '../addresses.ts'
import { journalClock } from '../call-journal.ts'
import { RegistryError } from '../errors.ts'
import { parseGroupPattern } from '../group-pattern.ts'
import { type Database, requireDomain, requireRepository } from '../lookup.ts'
import { type Page, type PageRequest, toPage } from '../pages.ts'
import type { RegistryParts } from '../parts.ts'
import { checkHold, type Hold, type NewHold } from './hold.ts'
import { type HoldRow, toHold, toHoldRow } from './hold-rows.ts'

/** Throws `missing` or `invalid`. */
export async function addHold(parts: RegistryParts, actor: Actor, given: NewHold): Promise<Hold> {
  const { address, pattern, version, against, reason, endsAt } = given
  const now = parts.clock()
  checkHold(given, now)
  const { spellingKey } = parseGroupPattern(pattern)
  return parts.metadata.write(async (write) => {
    const place = await findPlace(write.tx, address)
    const hold: Hold = {
      id: parts.randomId(),
      repository: address.repository,
      pattern,
      version,
      against,
      reason,
      createdBy: actor.principal.arn,
      createdAt: now,
      endsAt,
    }
    await write.tx
      .insertInto('holds')
      .values(toHoldRow(hold, { ...place, spellingKey }))
      .execute()
    await audit(write, parts, actor, { operation: 'AddHold', address, hold })
    return hold
  })
}

/** Answers what it was. Throws `missing`. */
export async function removeHold(
  parts: RegistryParts,
  actor: Actor,
  { address, id }: { readonly address: DomainAddress; readonly id: string },
): Promise<Hold> {
  return parts.metadata.write(async (write) => {
    const domain = await requireDomain(write.tx, address)
    const row = await selectHolds(write.tx, domain.id).where('holds.id', '=', id).executeTakeFirst()
    if (!row) throw new RegistryError('missing', `domain ${address.domain} has no hold ${id}`)
    await write.tx.deleteFrom('holds').where('id', '=', id).execute()
    const hold = toHold(row)
    await audit(write, parts, actor, { operation: 'RemoveHold', address, hold })
    return hold
  })
}

/** By pattern, those that have ended too. Throws `missing`. */
export async function listHolds(
  { metadata }: RegistryParts,
  address: DomainAddress,
  page: PageRequest,
): Promise<Page<Hold>> {
  const domain = await requireDomain(metadata.db, address)
  const [key, id] = page.after ?? []
  const rows = await selectHolds(metadata.db, domain.id)
    .$if(key !== undefined, (query) =>
      query.where((eb) =>
        eb(eb.refTuple('holds.spelling_key', 'holds.id'), '>', eb.tuple(eb.val(String(key)), eb.val(String(id)))),
      ),
    )
    .orderBy('holds.spelling_key')
    .orderBy('holds.id')
    .limit(page.size + 1)
    .execute()
  return toPage<HoldRow, Hold>(rows, page.size, { keyOf: (row) => [row.spelling_key, row.id], itemOf: toHold })
}

function selectHolds(db: Database, domainId: string) {
  return db
    .selectFrom('holds')
    .leftJoin('repositories', 'repositories.id', 'holds.repository_id')
    .selectAll('holds')
    .select('repositories.name as repository')
    .where('holds.domain_id', '=', domainId)
}

async function findPlace(db: Database, { repository, ...address }: NewHold['address']) {
  if (repository === undefined) return { domainId: (await requireDomain(db, address)).id, repositoryId: undefined }
  const found = await requireRepository(db, { ...address, repository })
  return { domainId: found.domain.id, repositoryId: found.repository.id }
}

async function audit(
  write: Write,
  parts: RegistryParts,
  actor: Actor,
  { operation, address, hold }: { readonly operation: string; readonly address: DomainAddress; readonly hold: Hold },
): Promise<void> {
  const { repository, endsAt, id, pattern, version, against, reason } = hold
  await recordAudit(write, journalClock(parts), actor, {
    eventSource: 'packyard',
    eventName: operation,
    requestParameters: {
      domainName: address.domain,
      domainOwner: address.owner,
      ...(repository !== undefined && { repositoryName: repository }),
      holdId: id,
      pattern,
      version,
      against,
      reason,
      ...(endsAt !== undefined && { endsAt: new Date(endsAt).toISOString() }),
    },
    recipientAccountId: address.owner,
  })
}
