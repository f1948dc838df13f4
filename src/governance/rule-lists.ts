import type { DomainAddress } from '../registry/addresses.ts'
import { requireDomain } from '../registry/lookup.ts'
import { type Page, type PageRequest, toPage } from '../registry/pages.ts'
import type { RegistryParts } from '../registry/parts.ts'
import { ruleMissing } from './rule-store.ts'
import { type Rule, ruleOf } from './rule.ts'

/** A rule, with the name of its repository where it is about one. */
export interface ListedRule extends Rule {
  readonly repositoryName: string | undefined
}

/** One version of a rule, and who made it so. */
export interface RuleVersion {
  readonly version: number
  readonly change: 'created' | 'changed' | 'deleted'
  /** Unit: ms since 1970. */
  readonly changedAt: number
  readonly changedBy: string
  /** Kind, mode, scope, parameters, description and contact. */
  readonly body: Readonly<Record<string, unknown>>
}

/** By name. Throws `missing` for the domain. */
export async function listRules(
  { metadata }: RegistryParts,
  address: DomainAddress,
  { size, after }: PageRequest,
): Promise<Page<ListedRule>> {
  const domain = await requireDomain(metadata.db, address)
  const rows = await ruleRows(metadata.db, domain.id)
    .where('rule.name', '>', String(after?.[0] ?? ''))
    .orderBy('rule.name')
    .limit(size + 1)
    .execute()
  return toPage(rows, size, { keyOf: (row) => [row.name], itemOf: listedRule })
}

/** Throws `missing`. */
export async function getRule({ metadata }: RegistryParts, address: DomainAddress, name: string): Promise<ListedRule> {
  const domain = await requireDomain(metadata.db, address)
  const row = await ruleRows(metadata.db, domain.id).where('rule.name', '=', name).executeTakeFirst()
  if (!row) throw ruleMissing(address, name)
  return listedRule(row)
}

function ruleRows(db: RegistryParts['metadata']['db'], domainId: string) {
  return db
    .selectFrom('governance_rules as rule')
    .leftJoin('repositories as repository', 'repository.id', 'rule.scope')
    .selectAll('rule')
    .select('repository.name as repository_name')
    .where('rule.domain_id', '=', domainId)
}

function listedRule(row: Parameters<typeof ruleOf>[0] & { readonly repository_name: string | null }): ListedRule {
  return { ...ruleOf(row), repositoryName: row.repository_name ?? undefined }
}

/** All that a rule of this name has been, the latest first; also of one that is gone. Throws `missing`. */
export async function listRuleVersions(
  { metadata }: RegistryParts,
  address: DomainAddress,
  name: string,
  { size, after }: PageRequest,
): Promise<Page<RuleVersion>> {
  const domain = await requireDomain(metadata.db, address)
  const rows = await metadata.db
    .selectFrom('governance_rule_versions')
    .selectAll()
    .where('domain_id', '=', domain.id)
    .where('name', '=', name)
    .$if(after !== undefined, (query) => query.where('id', '<', String(after?.[0])))
    .orderBy('id', 'desc')
    .limit(size + 1)
    .execute()
  if (rows.length === 0 && after === undefined) throw ruleMissing(address, name)
  return toPage(rows, size, {
    keyOf: (row) => [row.id],
    itemOf: (row): RuleVersion => ({
      version: row.version,
      change: row.change as RuleVersion['change'],
      changedAt: row.changed_at,
      changedBy: row.changed_by,
      body: JSON.parse(row.body) as RuleVersion['body'],
    }),
  })
}

/** What a rule in monitor mode would have held. */
export interface Finding {
  readonly repository: string
  readonly format: string
  readonly namespace: string
  readonly name: string
  readonly version: string
  readonly reason: string
  readonly count: number
  /** Unit: ms since 1970. */
  readonly firstSeenAt: number
  readonly lastSeenAt: number
}

/** By repository and package. Throws `missing`. */
export async function listFindings(
  parts: RegistryParts,
  address: DomainAddress,
  ruleName: string,
  { size, after }: PageRequest,
): Promise<Page<Finding>> {
  const rule = await getRule(parts, address, ruleName)
  const columns = ['repository_id', 'format', 'namespace', 'name', 'version'] as const
  const rows = await parts.metadata.db
    .selectFrom('governance_findings as finding')
    .innerJoin('repositories as repository', 'repository.id', 'finding.repository_id')
    .selectAll('finding')
    .select('repository.name as repository_name')
    .where('finding.rule_id', '=', rule.id)
    .$if(after !== undefined, (query) =>
      query.where((eb) =>
        eb(
          eb.refTuple(
            'finding.repository_id',
            'finding.format',
            'finding.namespace',
            'finding.name',
            'finding.version',
          ),
          '>',
          eb.tuple(...(columns.map((_, index) => String(after?.[index])) as [string, string, string, string, string])),
        ),
      ),
    )
    .orderBy('finding.repository_id')
    .orderBy('finding.format')
    .orderBy('finding.namespace')
    .orderBy('finding.name')
    .orderBy('finding.version')
    .limit(size + 1)
    .execute()
  return toPage(rows, size, {
    keyOf: (row) => columns.map((column) => row[column]),
    itemOf: (row): Finding => ({
      repository: row.repository_name,
      format: row.format,
      namespace: row.namespace,
      name: row.name,
      version: row.version,
      reason: row.reason,
      count: row.seen_count,
      firstSeenAt: row.first_seen_at,
      lastSeenAt: row.last_seen_at,
    }),
  })
}
