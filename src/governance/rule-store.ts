import { domainArn } from '../access/arns.ts'
import type { Caller } from '../access/principal.ts'
import type { DomainAddress } from '../registry/addresses.ts'
import { invalid, RegistryError } from '../registry/errors.ts'
import { parseGroupPattern } from '../registry/group-pattern.ts'
import { type Database, type DomainRow, findRepository, requireDomain } from '../registry/lookup.ts'
import { repositoryMissing } from '../registry/missing.ts'
import { parseRepositoryName } from '../registry/names.ts'
import type { RegistryParts } from '../registry/parts.ts'
import { topologyScope } from '../storage/metadata/scopes.ts'
import { recordGovernance, type Write } from './governance-journal.ts'
import { findKind } from './kinds.ts'
import { type Rule, type RuleMode, ruleModes, ruleOf, type RuleScope, scopeColumns } from './rule.ts'

/** What a rule is to be. */
export interface RuleDraft {
  readonly address: DomainAddress
  readonly name: string
  readonly kind: string
  readonly mode: string
  /** One of both, or none for the domain. */
  readonly group: string | undefined
  readonly repository: string | undefined
  readonly parameters: Readonly<Record<string, unknown>>
  readonly description: string
  readonly contact: string
  /** The version that the caller has seen; 0: there must be none yet. Undefined: whatever it is. */
  readonly expectedVersion: number | undefined
}

/** Rules of one domain: all of them are asked about each package. Ours. */
const RULES_MAX = 200

/** Makes a rule, or a new version of it. Throws `missing`, `invalid`, `conflict` or `quota`. */
export async function putRule(parts: RegistryParts, caller: Caller, draft: RuleDraft): Promise<Rule> {
  const checked = checkDraft(draft)
  return parts.metadata.write(async (write) => {
    const domain = await requireDomain(write.tx, draft.address)
    const scope = await findScope(write.tx, domain, draft)
    const before = await findRule(write.tx, domain.id, draft.name)
    checkVersion(draft, before)
    if (before && before.kind !== draft.kind) {
      throw invalid('kind', draft.kind, `must stay ${before.kind}: delete rule '${draft.name}' to make another one`)
    }
    if (!before) await checkCount(write, domain)
    const rule = nextVersion(parts, caller, { ...checked, scope }, before)
    await writeRule(write, domain, rule)
    await recordChange(write, parts, caller, { domain, rule, change: before ? 'changed' : 'created' })
    return rule
  })
}

/** Throws `missing`. */
export async function deleteRule(
  parts: RegistryParts,
  caller: Caller,
  address: DomainAddress,
  name: string,
): Promise<Rule> {
  return parts.metadata.write(async (write) => {
    const domain = await requireDomain(write.tx, address)
    const rule = await findRule(write.tx, domain.id, name)
    if (!rule) throw ruleMissing(address, name)
    await write.tx.deleteFrom('governance_rules').where('id', '=', rule.id).execute()
    await recordChange(write, parts, caller, { domain, rule, change: 'deleted' })
    return rule
  })
}

async function findRule(db: Database, domainId: string, name: string): Promise<Rule | undefined> {
  const row = await db
    .selectFrom('governance_rules')
    .selectAll()
    .where('domain_id', '=', domainId)
    .where('name', '=', name)
    .executeTakeFirst()
  return row && ruleOf(row)
}

export function ruleMissing({ domain }: DomainAddress, name: string): RegistryError {
  return new RegistryError('missing', `Rule not found. Domain '${domain}' has no rule '${name.slice(0, 100)}'.`)
}

interface CheckedDraft extends Omit<RuleDraft, 'mode'> {
  readonly mode: RuleMode
}

function checkDraft(draft: RuleDraft): CheckedDraft {
  const { name, kind, description, contact } = draft
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(name)) {
    throw invalid('name', name, 'must be 1 to 64 lower-case letters, digits or "-", not starting with "-"')
  }
  const mode = ruleModes.find((known) => known === draft.mode)
  if (!mode) throw invalid('mode', draft.mode, `must be one of ${ruleModes.join(', ')}`)
  checkLine('description', description, 1000)
  checkLine('contact', contact, 100)
  findKind(kind).check(draft.parameters)
  return { ...draft, mode }
}

/** `contact` stands in the status line of answers. */
function checkLine(field: string, text: string, lengthMax: number): void {
  if (text.length > lengthMax || /\p{C}/u.test(text)) {
    throw invalid(field, text, `must be one line of at most ${lengthMax} characters`)
  }
}

async function findScope(db: Database, domain: DomainRow, draft: RuleDraft): Promise<RuleScope> {
  const { group, repository, address } = draft
  if (group !== undefined && repository !== undefined) {
    throw invalid('repository', repository, 'must be left out where packageGroup is given: a rule has one scope')
  }
  if (group !== undefined) return { type: 'group', pattern: parseGroupPattern(group) }
  if (repository === undefined) return { type: 'domain' }
  const name = parseRepositoryName(repository)
  const found = await findRepository(db, domain.id, name)
  if (!found) throw repositoryMissing({ ...address, repository: name })
  return { type: 'repository', repositoryId: found.id }
}

function checkVersion({ name, expectedVersion }: RuleDraft, before: Rule | undefined): void {
  const version = before?.version ?? 0
  if (expectedVersion === undefined || expectedVersion === version) return
  const found = before ? `has version ${version}` : 'does not exist'
  throw new RegistryError('conflict', `rule '${name}' ${found}, and expectedVersion is ${expectedVersion}`)
}

async function checkCount({ tx }: Write, domain: DomainRow): Promise<void> {
  const { count } = await tx
    .selectFrom('governance_rules')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('domain_id', '=', domain.id)
    .executeTakeFirstOrThrow()
  if (Number(count) < RULES_MAX) return
  throw new RegistryError('quota', `Domain '${domain.name}' has ${RULES_MAX} rules, and may have no more.`)
}

function nextVersion(
  parts: RegistryParts,
  { principal }: Caller,
  { name, kind, mode, scope, parameters, description, contact }: CheckedDraft & { readonly scope: RuleScope },
  before: Rule | undefined,
): Rule {
  const now = parts.clock()
  return {
    id: before?.id ?? parts.randomId(),
    name,
    kind,
    mode,
    scope,
    parameters,
    description,
    contact,
    version: (before?.version ?? 0) + 1,
    createdAt: before?.createdAt ?? now,
    createdBy: before?.createdBy ?? principal.arn,
    updatedAt: now,
    updatedBy: principal.arn,
  }
}

async function writeRule({ tx }: Write, domain: DomainRow, rule: Rule): Promise<void> {
  const values = {
    mode: rule.mode,
    ...scopeColumns(rule.scope),
    parameters: JSON.stringify(rule.parameters),
    description: rule.description,
    contact: rule.contact,
    version: rule.version,
    updated_at: rule.updatedAt,
    updated_by: rule.updatedBy,
  }
  const born = { created_at: rule.createdAt, created_by: rule.createdBy }
  await tx
    .insertInto('governance_rules')
    .values({ id: rule.id, domain_id: domain.id, name: rule.name, kind: rule.kind, ...values, ...born })
    .onConflict((conflict) => conflict.columns(['domain_id', 'name']).doUpdateSet(values))
    .execute()
}

interface RuleChange {
  readonly domain: DomainRow
  readonly rule: Rule
  readonly change: 'created' | 'changed' | 'deleted'
}

/** History, audit record and event; and every process drops what it had kept of the domain. */
async function recordChange(
  write: Write,
  parts: RegistryParts,
  caller: Caller,
  { domain, rule, change }: RuleChange,
): Promise<void> {
  const { name, kind, mode, scope, parameters, description, contact, version } = rule
  const body = { kind, mode, ...scopeColumns(scope), parameters, description, contact }
  await write.tx
    .insertInto('governance_rule_versions')
    .values({
      id: parts.randomId(),
      domain_id: domain.id,
      name,
      rule_id: rule.id,
      version,
      change,
      changed_at: parts.clock(),
      changed_by: caller.principal.arn,
      body: JSON.stringify(body),
    })
    .execute()
  const details = { ruleName: name, ruleVersion: version, ruleChange: change, ...(await shownBody(write, body)) }
  await recordGovernance(write, parts, caller, {
    operation: change === 'deleted' ? 'DeleteRule' : 'PutRule',
    domain,
    details,
    event: { detailType: 'Packyard Rule Change', resources: [domainArn(parts.arns, domain)] },
  })
  write.touch(topologyScope(domain.id))
}

type RuleBody = Pick<Rule, 'kind' | 'mode' | 'parameters'> & ReturnType<typeof scopeColumns>

async function shownBody({ tx }: Write, { kind, mode, parameters, scope_type, scope }: RuleBody) {
  const shown = { ruleKind: kind, ruleMode: mode, ruleParameters: parameters }
  if (scope_type === 'group') return { ...shown, packageGroup: scope }
  if (scope_type === 'domain') return shown
  const row = await tx.selectFrom('repositories').select('name').where('id', '=', scope).executeTakeFirst()
  return { ...shown, repositoryName: row?.name ?? scope }
}
