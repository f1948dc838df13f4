import { packageArn } from '../access/arns.ts'
import type { Caller } from '../access/principal.ts'
import type { DomainAddress } from '../registry/addresses.ts'
import { invalid, RegistryError } from '../registry/errors.ts'
import { showTime } from '../registry/held.ts'
import { type Database, type DomainRow, findRepository, requireDomain } from '../registry/lookup.ts'
import { repositoryMissing } from '../registry/missing.ts'
import { type PackageName, parseRepositoryName } from '../registry/names.ts'
import type { RegistryParts } from '../registry/parts.ts'
import { touchPackage } from '../registry/touch-package.ts'
import { type Decision, type DecisionKind, decisionKinds, includes, isRange, parseRange } from './decision.ts'
import { decisionOf } from './decisions.ts'
import { recordGovernance, type Write } from './governance-journal.ts'
import { shownPackage } from './shown.ts'

/** What is to be decided. */
export interface DecisionDraft {
  readonly address: DomainAddress
  readonly package: PackageName
  /** `*`, one version, or a range as `>=1.2.0 <2.0.0`. */
  readonly versions: string
  /** Undefined: every repository of the domain. */
  readonly repository: string | undefined
  readonly kind: string
  readonly comment: string
  /** Unit: ms since 1970. Undefined: for good. */
  readonly expiresAt: number | undefined
}

/** How long a break-glass may last. Unit: ms. Ours: long enough for an emergency, and for the review that must follow. */
const BREAK_GLASS_MS_MAX = 72 * 3_600_000

const operations = {
  approved: 'ApproveVersions',
  denied: 'DenyVersions',
  'break-glass': 'BreakGlass',
} as const satisfies Record<DecisionKind, string>

/** Replaces what was decided in the same way about the same versions. Throws `missing` or `invalid`. */
export async function decide(parts: RegistryParts, caller: Caller, draft: DecisionDraft): Promise<Decision> {
  const kind = checkDraft(parts, draft)
  return parts.metadata.write(async (write) => {
    const domain = await requireDomain(write.tx, draft.address)
    const repositoryId = await findRepositoryId(write.tx, domain, draft)
    const decision: Decision = {
      id: parts.randomId(),
      kind,
      versions: draft.versions,
      repositoryId,
      comment: draft.comment,
      decidedAt: parts.clock(),
      decidedBy: caller.principal.arn,
      expiresAt: draft.expiresAt,
    }
    await writeDecision(write, domain, draft.package, decision)
    await answerRequests(write, parts, domain, draft.package, decision)
    await record(write, parts, caller, { domain, draft, decision, operation: operations[kind] })
    return decision
  })
}

export interface RevokedDecision {
  readonly package: PackageName
  readonly decision: Decision
}

/** Takes a decision back; whoever is refused then asks anew. Throws `missing`. */
export async function revokeDecision(
  parts: RegistryParts,
  caller: Caller,
  address: DomainAddress,
  id: string,
): Promise<RevokedDecision> {
  return parts.metadata.write(async (write) => {
    const domain = await requireDomain(write.tx, address)
    const row = await write.tx
      .deleteFrom('approval_decisions')
      .where('id', '=', id)
      .where('domain_id', '=', domain.id)
      .returningAll()
      .executeTakeFirst()
    if (!row)
      throw new RegistryError(
        'missing',
        `Decision not found. Domain '${domain.name}' has no decision '${id.slice(0, 100)}'.`,
      )
    const { format, namespace, name } = row
    const decision = decisionOf(row)
    const about = { format, namespace, name } as PackageName
    const draft = { package: about, versions: decision.versions, comment: decision.comment, repository: undefined }
    await record(write, parts, caller, { domain, draft, decision, operation: 'RevokeDecision' })
    return { package: about, decision }
  })
}

function checkDraft(parts: RegistryParts, draft: DecisionDraft): DecisionKind {
  const { comment, versions, expiresAt } = draft
  const kind = decisionKinds.find((known) => known === draft.kind)
  if (!kind) throw invalid('decision', draft.kind, `must be one of ${decisionKinds.join(', ')}`)
  if (comment.length > 500 || /\p{C}/u.test(comment)) {
    throw invalid('comment', comment, 'must be one line of at most 500 characters')
  }
  checkVersions(parts, draft.package, versions)
  const now = parts.clock()
  if (expiresAt !== undefined && expiresAt <= now) {
    throw invalid('expiresAt', showTime(expiresAt), `must be later than now, which is ${showTime(now)}`)
  }
  if (kind === 'break-glass') checkBreakGlass(draft, now)
  return kind
}

function checkVersions(parts: RegistryParts, { format }: PackageName, versions: string): void {
  if (versions === '*') return
  const names = parts.formats.get(format)?.names
  if (!names) throw invalid('format', format, 'is not served by this version of Packyard')
  if (!isRange(versions)) return checkVersion(names.parseVersion(versions), versions)
  const bounds = versions.length > 200 ? [] : parseRange(versions)
  if (bounds.length === 0) throw invalid('versions', versions, 'must be "*", a version, or a range as ">=1.2.0 <2.0.0"')
  for (const { bound } of bounds) names.parseVersion(bound)
}

/** Versions are compared as they are kept. */
function checkVersion(normal: string, given: string): void {
  if (normal !== given) throw invalid('versions', given, `must be written as '${normal}'`)
}

function checkBreakGlass({ comment, expiresAt }: DecisionDraft, now: number): void {
  if (comment.trim() === '') throw invalid('comment', comment, 'must say why the glass is broken')
  if (expiresAt === undefined || expiresAt - now > BREAK_GLASS_MS_MAX) {
    const latest = showTime(now + BREAK_GLASS_MS_MAX)
    throw invalid(
      'expiresAt',
      expiresAt === undefined ? '' : showTime(expiresAt),
      `must be given, and ${latest} at the latest`,
    )
  }
}

async function findRepositoryId(
  db: Database,
  domain: DomainRow,
  { repository, address }: DecisionDraft,
): Promise<string> {
  if (repository === undefined) return ''
  const name = parseRepositoryName(repository)
  const found = await findRepository(db, domain.id, name)
  if (!found) throw repositoryMissing({ ...address, repository: name })
  return found.id
}

async function writeDecision({ tx }: Write, domain: DomainRow, about: PackageName, decision: Decision): Promise<void> {
  const { id, kind, versions, repositoryId, comment, decidedAt, decidedBy, expiresAt } = decision
  const { format, namespace, name } = about
  const said = { id, comment, decided_at: decidedAt, decided_by: decidedBy, expires_at: expiresAt ?? null }
  await tx
    .insertInto('approval_decisions')
    .values({ domain_id: domain.id, format, namespace, name, versions, repository_id: repositoryId, kind, ...said })
    .onConflict((conflict) =>
      conflict
        .columns(['domain_id', 'format', 'namespace', 'name', 'repository_id', 'versions', 'kind'])
        .doUpdateSet(said),
    )
    .execute()
  // The later word counts: what was said to the contrary of the very same versions is taken back.
  if (kind === 'break-glass') return
  await tx
    .deleteFrom('approval_decisions')
    .where('domain_id', '=', domain.id)
    .where('format', '=', format)
    .where('namespace', '=', namespace)
    .where('name', '=', name)
    .where('repository_id', '=', repositoryId)
    .where('versions', '=', versions)
    .where('kind', '=', kind === 'approved' ? 'denied' : 'approved')
    .execute()
}

/** Those who asked for one of these versions, or for any of the package, are answered. */
async function answerRequests(
  { tx }: Write,
  parts: RegistryParts,
  domain: DomainRow,
  about: PackageName,
  { id, kind, versions, repositoryId }: Decision,
): Promise<void> {
  const rows = await tx
    .selectFrom('approval_requests')
    .select(['id', 'version'])
    .where('domain_id', '=', domain.id)
    .where('format', '=', about.format)
    .where('namespace', '=', about.namespace)
    .where('name', '=', about.name)
    .where('state', 'in', ['pending', 'approved', 'denied'])
    .$if(repositoryId !== '', (query) => query.where('repository_id', '=', repositoryId))
    .execute()
  const compare = parts.formats.get(about.format)?.names.compareVersions ?? ((left, right) => Number(left !== right))
  const isMeant = (version: string) => {
    if (version !== '*') return includes(versions, version, compare)
    return versions === '*' || kind !== 'denied'
  }
  const answered = rows.filter(({ version }) => isMeant(version)).map((row) => row.id)
  const state = kind === 'denied' ? 'denied' : 'approved'
  for (let at = 0; at < answered.length; at += 100) {
    const some = answered.slice(at, at + 100)
    await tx.updateTable('approval_requests').set({ state, decision_id: id }).where('id', 'in', some).execute()
  }
}

interface DecisionRecord {
  readonly domain: DomainRow
  readonly draft: Pick<DecisionDraft, 'package' | 'versions' | 'comment' | 'repository'>
  readonly decision: Decision
  readonly operation: string
}

async function record(
  write: Write,
  parts: RegistryParts,
  caller: Caller,
  { domain, draft, decision, operation }: DecisionRecord,
): Promise<void> {
  const { package: about, versions, comment, repository } = draft
  const details = {
    ...shownPackage(about),
    // As in CodeArtifact's events.
    packageVersion: versions,
    ...(repository !== undefined && { repositoryName: repository }),
    decision: decision.kind,
    decisionId: decision.id,
    comment,
    ...(decision.expiresAt !== undefined && { expiresAt: showTime(decision.expiresAt) }),
  }
  const detailType = decision.kind === 'break-glass' ? 'Packyard Break Glass' : 'Packyard Approval Decision'
  const resources = [packageArn(parts.arns, domain, repository ?? '*', about)]
  await recordGovernance(write, parts, caller, { operation, domain, details, event: { detailType, resources } })
  touchPackage(write, domain.id, about)
}
