import { domainArn } from '../../access/arns.ts'
import type { Caller } from '../../access/principal.ts'
import { recordAudit } from '../../journal/audit.ts'
import { recordDomainEvent } from '../../journal/domain-events.ts'
import type { DomainAddress } from '../../registry/addresses.ts'
import { journalClock } from '../../registry/call-journal.ts'
import { RegistryError, refused } from '../../registry/errors.ts'
import { requireDomain } from '../../registry/lookup.ts'
import type { RegistryParts } from '../../registry/parts.ts'
import type { Write } from '../governance-journal.ts'
import type { Rule } from '../rule.ts'
import { getRule } from '../rule-lists.ts'
import { retention } from '../kinds/retention.ts'
import type { RetentionParameters } from './parameters.ts'
import { type RetentionRule, type RetentionRun, type RunPurpose, runPurposes } from './run-model.ts'
import { findRun, insertRun, listRuns, saveRun } from './run-rows.ts'

export interface RuleAddress extends DomainAddress {
  readonly rule: string
}

/** What a person asks for by hand; the job that does it is the caller's to ask for. Throws `missing` or `invalid`. */
export async function askForRun(
  parts: RegistryParts,
  caller: Caller,
  address: RuleAddress,
  purpose: Exclude<RunPurpose, 'monitor'>,
): Promise<RetentionRun> {
  const { db } = parts.metadata
  const domain = await requireDomain(db, address)
  const rule = await requireRetentionRule(parts, address)
  if (purpose === 'enforce' && rule.mode !== 'enforce') {
    throw refused(`rule '${rule.name}' is in monitor mode and removes nothing: set it to enforce first`)
  }
  const run = {
    id: parts.randomId(),
    domainId: domain.id,
    rule: toRetentionRule(rule),
    purpose,
    askedBy: caller.principal.arn,
    createdAt: parts.clock(),
  }
  await parts.metadata.write(async (write) => {
    await insertRun(write, run)
    const operation = purpose === 'preview' ? 'PreviewRetention' : 'RunRetention'
    await audit(write, parts, caller, { operation, address, runId: run.id })
  })
  return requireRun(parts, address, run.id)
}

/** Lets a run remove what it has chosen. `versions`: how many that is, as a proof that somebody has read it. */
export async function confirmRun(
  parts: RegistryParts,
  caller: Caller,
  { versions, ...address }: RuleAddress & { readonly versions: number },
): Promise<RetentionRun> {
  const rule = await requireRetentionRule(parts, address)
  const { id: domainId } = await requireDomain(parts.metadata.db, address)
  const wanted = { domainId, ruleId: rule.id, purposes: ['enforce'], limit: 1 } as const
  const [last] = await listRuns(parts.metadata.db, wanted)
  if (last?.state !== 'unconfirmed') throw refused(`no run of rule '${rule.name}' waits to be confirmed`)
  const { chosenVersions } = last.figures
  if (versions !== chosenVersions) {
    throw refused(`rule '${rule.name}' would remove ${chosenVersions} versions, not ${versions}: confirm that number`)
  }
  await parts.metadata.write(async (write) => {
    await saveRun(write, last.id, { state: 'removing', confirmedVersions: versions, endedAt: null })
    await audit(write, parts, caller, { operation: 'ConfirmRetention', address, runId: last.id, versions })
  })
  return requireRun(parts, address, last.id)
}

/** Throws `missing`. */
export async function requireRun(
  { metadata }: RegistryParts,
  address: DomainAddress,
  id: string,
): Promise<RetentionRun> {
  const domain = await requireDomain(metadata.db, address)
  const run = await findRun(metadata.db, id)
  if (run?.domainId === domain.id) return run
  throw new RegistryError(
    'missing',
    `Retention run not found. Domain '${address.domain}' has no run '${id.slice(0, 100)}'.`,
  )
}

/** The newest first. Throws `missing` for the domain and the rule. */
export async function listRuleRuns(
  parts: RegistryParts,
  address: RuleAddress,
  limit: number,
): Promise<readonly RetentionRun[]> {
  const { id: domainId } = await requireDomain(parts.metadata.db, address)
  const { id: ruleId } = await requireRetentionRule(parts, address)
  return listRuns(parts.metadata.db, { domainId, ruleId, purposes: runPurposes, limit })
}

async function requireRetentionRule(parts: RegistryParts, address: RuleAddress): Promise<Rule> {
  const rule = await getRule(parts, address, address.rule)
  if (rule.kind !== retention.id) throw refused(`rule '${rule.name}' is of kind ${rule.kind}, not ${retention.id}`)
  return rule
}

export function toRetentionRule({ id, name, version, scope, parameters }: Rule): RetentionRule {
  return {
    id,
    name,
    version,
    repositoryId: scope.type === 'repository' ? scope.repositoryId : undefined,
    group: scope.type === 'group' ? scope.pattern.text : undefined,
    // They were checked when the rule was made.
    parameters: parameters as RetentionParameters,
  }
}

interface RunAudit {
  readonly operation: string
  readonly address: RuleAddress
  readonly runId: string
  readonly versions?: number
}

async function audit(
  write: Write,
  parts: RegistryParts,
  caller: Caller,
  { operation, address, runId, versions }: RunAudit,
): Promise<void> {
  await recordAudit(write, journalClock(parts), caller, {
    eventSource: 'packyard',
    eventName: operation,
    requestParameters: {
      domainName: address.domain,
      domainOwner: address.owner,
      ruleName: address.rule,
      retentionRunId: runId,
      ...(versions !== undefined && { versions }),
    },
    recipientAccountId: address.owner,
  })
}

/** Tells whoever listens what came of a run that was not asked for to look at only. */
export async function announceRun(write: Write, parts: RegistryParts, run: RetentionRun): Promise<void> {
  const domain = await write.tx
    .selectFrom('domains')
    .select(['id', 'name', 'owner'])
    .where('id', '=', run.domainId)
    .executeTakeFirst()
  if (!domain || run.purpose === 'preview') return
  const { id, rule, purpose, state, figures, position } = run
  await recordDomainEvent(write, journalClock(parts), {
    domain,
    detailType: 'Packyard Retention Run',
    resources: [domainArn(parts.arns, domain)],
    detail: {
      retentionRunId: id,
      ruleName: rule.name,
      ruleVersion: rule.version,
      ruleMode: purpose,
      state,
      ...figures,
      ...(position.error !== undefined && { error: position.error }),
    },
  })
}
