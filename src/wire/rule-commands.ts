import { CommandError, exitCodes } from '../cli/exit-codes.ts'
import type { OutputForm } from '../cli/identity-program.ts'
import type { GivenRule, RuleCommands } from '../cli/rules-program.ts'
import { renderTable } from '../cli/table.ts'
import { createAsk, domainInput } from './api-client.ts'
import type { LoginCommandParts } from './login-access.ts'

/** Rows shown at most; `--output json` of the API has pages. Ours. */
const ROWS_MAX = 1000

/** They ask a server, as `login` does. */
export function createRuleCommands(parts: LoginCommandParts): RuleCommands {
  const { writeOut, writeError } = parts
  const ask = createAsk(parts)
  const print = (form: OutputForm, whole: object, header: readonly string[], rows: readonly (readonly string[])[]) => {
    writeOut(form === 'json' ? `${JSON.stringify(whole, undefined, 2)}\n` : renderTable(header, rows))
    return exitCodes.success
  }
  return {
    async listRuleKinds(flags, form) {
      const found = await ask(flags, (api) => api('GET /packyard/v1/rule-kinds'))
      const rows = found.kinds.map(({ kind, summary, parameters }) => [kind, parameterNames(parameters), summary])
      return print(form, found, ['KIND', 'PARAMETERS', 'WHAT IT DOES'], rows)
    },
    async listRules(flags, domain, form) {
      const found = await ask(flags, (api) =>
        api('GET /packyard/v1/rules', { ...domainInput(domain), maxResults: ROWS_MAX }),
      )
      const rows = found.rules.map((rule) => {
        const { name, kind, mode, packageGroup, repository, parameters, version } = rule
        const scope = packageGroup ?? (repository === undefined ? 'domain' : `repository ${repository}`)
        return [name, kind, mode, scope, String(version), JSON.stringify(parameters)]
      })
      return print(form, found, ['NAME', 'KIND', 'MODE', 'SCOPE', 'VERSION', 'PARAMETERS'], rows)
    },
    async showRule(flags, domain, name) {
      const found = await ask(flags, (api) =>
        api('GET /packyard/v1/rules/{rule}', { ...domainInput(domain), rule: name }),
      )
      return print('json', found.rule, [], [])
    },
    async putRule(flags, domain, given) {
      const input = { ...domainInput(domain), ...toInput(given) }
      const { rule } = await ask(flags, (api) => api('PUT /packyard/v1/rules/{rule}', input))
      writeError(`rule ${rule.name} has version ${rule.version} now\n`)
      return exitCodes.success
    },
    async deleteRule(flags, domain, name) {
      await ask(flags, (api) => api('DELETE /packyard/v1/rules/{rule}', { ...domainInput(domain), rule: name }))
      writeError(`rule ${name} is deleted\n`)
      return exitCodes.success
    },
    async listRuleVersions(flags, domain, name, form) {
      const input = { ...domainInput(domain), rule: name, maxResults: ROWS_MAX }
      const found = await ask(flags, (api) => api('GET /packyard/v1/rules/{rule}/versions', input))
      const rows = found.versions.map(({ version, change, changedAt, changedBy, rule }) => {
        return [String(version), change, changedAt, changedBy, JSON.stringify(rule)]
      })
      return print(form, found, ['VERSION', 'CHANGE', 'WHEN', 'WHO', 'RULE'], rows)
    },
    async listFindings(flags, domain, name, form) {
      const input = { ...domainInput(domain), rule: name, maxResults: ROWS_MAX }
      const found = await ask(flags, (api) => api('GET /packyard/v1/rules/{rule}/findings', input))
      const rows = found.findings.map((one) => {
        const shownName = one.namespace === undefined ? one.package : `${one.namespace}/${one.package}`
        return [one.repository, one.format, shownName, one.version, String(one.count), one.lastSeenAt, one.reason]
      })
      return print(form, found, ['REPOSITORY', 'FORMAT', 'PACKAGE', 'VERSION', 'TIMES', 'LAST', 'WHY'], rows)
    },
  }
}

function parameterNames(schema: unknown): string {
  const { properties } = schema as { readonly properties?: object }
  return Object.keys(properties ?? {}).join(', ')
}

function toInput({ name, kind, mode, packageGroup, repository, parameters, description, contact }: GivenRule) {
  return {
    rule: name,
    kind,
    mode: mode === 'monitor' ? ('monitor' as const) : ('enforce' as const),
    ...(packageGroup !== undefined && { packageGroup }),
    ...(repository !== undefined && { repository }),
    parameters: parseParameters(parameters),
    ...(description !== undefined && { description }),
    ...(contact !== undefined && { contact }),
  }
}

function parseParameters(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // Said below.
  }
  throw new CommandError(
    `--parameters '${text.slice(0, 100)}' must be a JSON object, as '{"days": 7}'`,
    exitCodes.usage,
  )
}
