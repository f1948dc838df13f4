import type { ApprovalCommands, GivenDecision } from '../cli/approvals-program.ts'
import { CommandError, exitCodes } from '../cli/exit-codes.ts'
import type { OutputForm } from '../cli/identity-program.ts'
import { renderTable } from '../cli/table.ts'
import { formats } from '../formats/index.ts'
import { durationMs } from '../governance/duration.ts'
import { createAsk, domainInput, orUsage } from './api-client.ts'
import type { LoginCommandParts } from './login-access.ts'

/** Rows shown at most. Ours. */
const ROWS_MAX = 1000

/** They ask a server, as `login` does. */
export function createApprovalCommands(parts: LoginCommandParts): ApprovalCommands {
  const { writeOut, writeError } = parts
  const ask = createAsk(parts)
  const print = (form: OutputForm, whole: object, header: readonly string[], rows: readonly (readonly string[])[]) => {
    writeOut(form === 'json' ? `${JSON.stringify(whole, undefined, 2)}\n` : renderTable(header, rows))
    return exitCodes.success
  }
  return {
    async listRequests(flags, domain, state, form) {
      const asked = state === 'approved' || state === 'denied' ? state : 'pending'
      const input = { ...domainInput(domain), state: asked, maxResults: ROWS_MAX } as const
      const found = await ask(flags, (api) => api('GET /packyard/v1/approval-requests', input))
      const rows = found.requests.map((one) => {
        const asker = one.askedBy[0] ?? ''
        return [one.id, one.repository, one.format, shown(one), one.version, String(one.count), one.lastAskedAt, asker]
      })
      return print(form, found, ['ID', 'REPOSITORY', 'FORMAT', 'PACKAGE', 'VERSION', 'TIMES', 'LAST', 'WHO'], rows)
    },
    async listDecisions(flags, domain, form) {
      const found = await ask(flags, (api) =>
        api('GET /packyard/v1/decisions', { ...domainInput(domain), maxResults: ROWS_MAX }),
      )
      const rows = found.decisions.map((one) => {
        return [
          one.id,
          one.decision,
          one.format,
          shown(one),
          one.versions,
          one.expiresAt ?? '',
          one.decidedBy,
          one.comment,
        ]
      })
      return print(form, found, ['ID', 'DECISION', 'FORMAT', 'PACKAGE', 'VERSIONS', 'UNTIL', 'WHO', 'COMMENT'], rows)
    },
    async decide(flags, domain, given) {
      const input = { ...domainInput(domain), ...toInput(given, Date.now()) }
      const { decision } = await ask(flags, (api) => api(bindings[given.kind], input))
      const until = decision.expiresAt === undefined ? '' : ` until ${decision.expiresAt}`
      writeError(`${decision.decision}: ${shown(decision)} ${decision.versions}${until} (${decision.id})\n`)
      return exitCodes.success
    },
    async revokeDecision(flags, domain, decisionId) {
      await ask(flags, (api) =>
        api('DELETE /packyard/v1/decisions/{decisionId}', { ...domainInput(domain), decisionId }),
      )
      writeError(`decision ${decisionId} is taken back\n`)
      return exitCodes.success
    },
  }
}

const bindings = {
  approve: 'POST /packyard/v1/approvals',
  deny: 'POST /packyard/v1/denials',
  'break-glass': 'POST /packyard/v1/break-glass',
} as const satisfies Record<GivenDecision['kind'], string>

function shown({ namespace, package: name }: { readonly namespace?: string; readonly package: string }): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}

function toInput(given: GivenDecision, now: number) {
  const { repository, comment, lasting } = given
  const expiresAt = lasting === undefined ? undefined : new Date(now + orUsage(() => durationMs('--for', lasting)))
  return {
    ...aboutOf(given),
    ...(repository !== undefined && { repository }),
    ...(comment !== undefined && { comment }),
    ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
  }
}

function aboutOf({ name, versions, format, requestId }: GivenDecision) {
  const said = versions === undefined ? {} : { versions }
  if (requestId !== undefined) return { requestId, ...said }
  const served = formats.find(({ id }) => id === format)
  if (name === undefined || versions === undefined || !served) {
    throw new CommandError('name a package of a known format and its versions, or --request', exitCodes.usage)
  }
  const parsed = orUsage(() => served.names.parsePackage(name))
  return {
    format: served.id,
    ...(parsed.namespace !== '' && { namespace: parsed.namespace }),
    package: parsed.name,
    ...said,
  }
}
