import type { DomainAddress } from '../registry/addresses.ts'
import { invalid, RegistryError } from '../registry/errors.ts'
import { requireDomain } from '../registry/lookup.ts'
import type { PackageName } from '../registry/names.ts'
import { type Page, type PageRequest, toPage } from '../registry/pages.ts'
import type { RegistryParts } from '../registry/parts.ts'
import type { Decision } from './decision.ts'
import { decisionOf } from './decisions.ts'

const requestStates = ['pending', 'approved', 'denied'] as const
export type RequestState = (typeof requestStates)[number]

/** Somebody who was refused, and what came of it. Times: ms since 1970. */
export interface ApprovalRequest {
  readonly id: string
  readonly repository: string
  readonly package: PackageName
  /** `*`: every version of the package was refused at once. */
  readonly version: string
  readonly ruleName: string
  readonly state: RequestState
  readonly count: number
  readonly firstAskedAt: number
  readonly lastAskedAt: number
  /** ARNs of those who asked last, the latest first. */
  readonly askedBy: readonly string[]
  /** What they were told. */
  readonly reason: string
  readonly decisionId: string | undefined
}

/** In one state, those that asked first at the beginning. Throws `missing` for the domain, and `invalid`. */
export async function listRequests(
  parts: RegistryParts,
  address: DomainAddress,
  state: string,
  { size, after }: PageRequest,
): Promise<Page<ApprovalRequest>> {
  if (!requestStates.some((known) => known === state)) {
    throw invalid('state', state, `must be one of ${requestStates.join(', ')}`)
  }
  const domain = await requireDomain(parts.metadata.db, address)
  const rows = await requestRows(parts, domain.id)
    .where('request.state', '=', state)
    .where('request.id', '>', String(after?.[0] ?? ''))
    .orderBy('request.id')
    .limit(size + 1)
    .execute()
  return toPage(rows, size, { keyOf: (row) => [row.id], itemOf: requestOf })
}

/** Throws `missing`. */
export async function getRequest(parts: RegistryParts, address: DomainAddress, id: string): Promise<ApprovalRequest> {
  const domain = await requireDomain(parts.metadata.db, address)
  const row = await requestRows(parts, domain.id).where('request.id', '=', id).executeTakeFirst()
  if (row) return requestOf(row)
  throw new RegistryError(
    'missing',
    `Request not found. Domain '${domain.name}' has no approval request '${id.slice(0, 100)}'.`,
  )
}

function requestRows({ metadata }: RegistryParts, domainId: string) {
  return metadata.db
    .selectFrom('approval_requests as request')
    .innerJoin('repositories as repository', 'repository.id', 'request.repository_id')
    .selectAll('request')
    .select('repository.name as repository_name')
    .where('request.domain_id', '=', domainId)
}

type RequestRow = Awaited<ReturnType<ReturnType<typeof requestRows>['execute']>>[number]

function requestOf(row: RequestRow): ApprovalRequest {
  return {
    id: row.id,
    repository: row.repository_name,
    package: { format: row.format, namespace: row.namespace, name: row.name } as PackageName,
    version: row.version,
    ruleName: row.rule_name,
    state: row.state as RequestState,
    count: row.asked_count,
    firstAskedAt: row.first_asked_at,
    lastAskedAt: row.last_asked_at,
    askedBy: JSON.parse(row.asked_by) as string[],
    reason: row.reason,
    decisionId: row.decision_id ?? undefined,
  }
}

export interface ListedDecision extends Decision {
  readonly package: PackageName
  readonly repositoryName: string | undefined
}

/** The latest first. Throws `missing`. */
export async function listDecisions(
  { metadata }: RegistryParts,
  address: DomainAddress,
  { size, after }: PageRequest,
): Promise<Page<ListedDecision>> {
  const domain = await requireDomain(metadata.db, address)
  const rows = await metadata.db
    .selectFrom('approval_decisions as decision')
    .leftJoin('repositories as repository', 'repository.id', 'decision.repository_id')
    .selectAll('decision')
    .select('repository.name as repository_name')
    .where('decision.domain_id', '=', domain.id)
    .$if(after !== undefined, (query) => query.where('decision.id', '<', String(after?.[0])))
    .orderBy('decision.id', 'desc')
    .limit(size + 1)
    .execute()
  return toPage(rows, size, {
    keyOf: (row) => [row.id],
    itemOf: (row): ListedDecision => ({
      ...decisionOf(row),
      package: { format: row.format, namespace: row.namespace, name: row.name } as PackageName,
      repositoryName: row.repository_name ?? undefined,
    }),
  })
}
