import Type, { type Static, type TObject } from 'typebox'
import {
  type ApprovalRequest,
  getRequest,
  type ListedDecision,
  listDecisions,
  listRequests,
} from '../../governance/approval-lists.ts'
import { decide, revokeDecision } from '../../governance/decide.ts'
import type { Decision } from '../../governance/decision.ts'
import type { DomainAddress } from '../../registry/addresses.ts'
import { refused } from '../../registry/errors.ts'
import { packageFromInput } from '../../registry/name-rules.ts'
import type { PackageName } from '../../registry/names.ts'
import type { RegistryParts } from '../../registry/parts.ts'
import { domainTarget } from '../codeartifact/targets.ts'
import { domainInput, formatField, isoTime, nextPage, oneOf, pageInput, pageOf, text, time } from './fields.ts'
import { operation, type OperationCall } from './operation.ts'

/** Ours. */
const ROWS_PER_PAGE = 100

const packageOutput = {
  format: Type.String(),
  namespace: Type.Optional(Type.String()),
  package: Type.String(),
}

const request = Type.Object({
  id: Type.String(),
  repository: Type.String(),
  ...packageOutput,
  /** `*`: every version of the package was refused at once. */
  version: Type.String(),
  rule: Type.String(),
  state: Type.Enum(['pending', 'approved', 'denied']),
  count: Type.Integer(),
  firstAskedAt: time,
  lastAskedAt: time,
  /** ARNs of those who asked last, the latest first. */
  askedBy: Type.Array(Type.String()),
  /** What they were told. */
  reason: Type.String(),
  decisionId: Type.Optional(Type.String()),
})

const decision = Type.Object({
  id: Type.String(),
  decision: Type.Enum(['approved', 'denied', 'break-glass']),
  ...packageOutput,
  versions: Type.String(),
  /** Undefined: every repository of the domain. */
  repository: Type.Optional(Type.String()),
  comment: Type.String(),
  decidedAt: time,
  decidedBy: Type.String(),
  expiresAt: Type.Optional(time),
})

/** A request says which package and version are meant; or they are named. */
const decisionInput = {
  ...domainInput,
  requestId: Type.Optional(text(100)),
  format: Type.Optional(formatField),
  namespace: Type.Optional(text(255)),
  package: Type.Optional(text(255)),
  versions: Type.Optional(text(255)),
  repository: Type.Optional(text(100)),
  comment: Type.Optional(text(500, 0)),
  expiresAt: Type.Optional(time),
}

export const approvalOperations = {
  ListApprovalRequests: operation({
    http: 'GET /packyard/v1/approval-requests',
    summary: 'Lists who was refused which versions and may be given them by an approval, those that asked first first.',
    input: { ...domainInput, state: Type.Optional(oneOf(['pending', 'approved', 'denied'])), ...pageInput },
    output: pageOf('requests', request),
    target: domainTarget,
    async run({ registry, address, input: { state = 'pending' }, page, nextToken }) {
      const { items, next } = await listRequests(registry, address, state, page(ROWS_PER_PAGE))
      return { requests: items.map(toRequest), ...nextPage(nextToken(next)) }
    },
  }),
  GetApprovalRequest: operation({
    http: 'GET /packyard/v1/approval-requests/{requestId}',
    summary: 'Gives one request.',
    input: { ...domainInput, requestId: text(100) },
    output: Type.Object({ request }),
    target: domainTarget,
    async run({ registry, address, input }) {
      return { request: toRequest(await getRequest(registry, address, input.requestId)) }
    },
  }),
  ApproveVersions: operation({
    http: 'POST /packyard/v1/approvals',
    summary: 'Approves a version, a range of versions or a package: what approvals may override lets it pass.',
    input: decisionInput,
    output: Type.Object({ decision }),
    target: domainTarget,
    run: (call) => decideOn(call, 'approved'),
  }),
  DenyVersions: operation({
    http: 'POST /packyard/v1/denials',
    summary: 'Denies a version, a range of versions or a package wherever a rule asks for approvals.',
    input: decisionInput,
    output: Type.Object({ decision }),
    target: domainTarget,
    run: (call) => decideOn(call, 'denied'),
  }),
  BreakGlass: operation({
    http: 'POST /packyard/v1/break-glass',
    summary: 'Lets versions pass every rule for a limited time, and says why.',
    input: decisionInput,
    output: Type.Object({ decision }),
    target: domainTarget,
    run: (call) => decideOn(call, 'break-glass'),
  }),
  ListDecisions: operation({
    http: 'GET /packyard/v1/decisions',
    summary: 'Lists approvals, denials and broken glasses, latest first.',
    input: { ...domainInput, ...pageInput },
    output: pageOf('decisions', decision),
    target: domainTarget,
    async run({ registry, address, page, nextToken }) {
      const { items, next } = await listDecisions(registry, address, page(ROWS_PER_PAGE))
      const decisions = items.map((item) => toDecision(item.package, item, item.repositoryName))
      return { decisions, ...nextPage(nextToken(next)) }
    },
  }),
  RevokeDecision: operation({
    http: 'DELETE /packyard/v1/decisions/{decisionId}',
    summary: 'Takes an approval, a denial or a break-glass back.',
    input: { ...domainInput, decisionId: text(100) },
    output: Type.Object({ decision }),
    target: domainTarget,
    async run({ registry, caller, address, input }) {
      const revoked = await revokeDecision(registry, caller, address, input.decisionId)
      return { decision: toDecision(revoked.package, revoked.decision, undefined) }
    },
  }),
}

type DecisionInput = Static<TObject<typeof decisionInput>>

async function decideOn(
  { registry, caller, address, input }: OperationCall<DecisionInput, DomainAddress>,
  kind: string,
) {
  const { repository, comment = '', expiresAt } = input
  const meant = await findMeant(registry, address, input)
  const until = expiresAt === undefined ? undefined : Date.parse(expiresAt)
  const decided = await decide(registry, caller, { address, ...meant, repository, kind, comment, expiresAt: until })
  return { decision: toDecision(meant.package, decided, repository) }
}

async function findMeant(
  registry: RegistryParts,
  address: DomainAddress,
  { requestId, format, namespace, package: name, versions }: DecisionInput,
): Promise<{ readonly package: PackageName; readonly versions: string }> {
  if (requestId === undefined) {
    if (format !== undefined && name !== undefined && versions !== undefined) {
      return { package: packageFromInput(registry, format, namespace, name), versions }
    }
    throw refused('requestId, or format, package and versions, must be given')
  }
  if (format !== undefined || namespace !== undefined || name !== undefined) {
    throw refused('format, namespace and package must be left out where requestId is given')
  }
  const asked = await getRequest(registry, address, requestId)
  return { package: asked.package, versions: versions ?? asked.version }
}

function toRequest({
  package: name,
  ruleName,
  decisionId,
  firstAskedAt,
  lastAskedAt,
  askedBy,
  ...asked
}: ApprovalRequest) {
  return {
    ...asked,
    ...shown(name),
    rule: ruleName,
    firstAskedAt: isoTime(firstAskedAt),
    lastAskedAt: isoTime(lastAskedAt),
    askedBy: [...askedBy],
    ...(decisionId !== undefined && { decisionId }),
  }
}

function toDecision(name: PackageName, decided: Decision | ListedDecision, repository: string | undefined) {
  const { id, kind, versions, comment, decidedAt, decidedBy, expiresAt } = decided
  return {
    id,
    decision: kind,
    ...shown(name),
    versions,
    ...(repository !== undefined && { repository }),
    comment,
    decidedAt: isoTime(decidedAt),
    decidedBy,
    ...(expiresAt !== undefined && { expiresAt: isoTime(expiresAt) }),
  }
}

function shown({ format, namespace, name }: PackageName) {
  return { format, ...(namespace !== '' && { namespace }), package: name }
}
