import Type from 'typebox'
import { askForRun, confirmRun, listRuleRuns, requireRun } from '../../governance/retention/requests.ts'
import type { RetentionCandidate, RetentionRun } from '../../governance/retention/run-model.ts'
import { readCandidates } from '../../governance/retention/run-rows.ts'
import { requestJob } from '../../jobs/job-rows.ts'
import type { RegistryParts } from '../../registry/parts.ts'
import { domainTarget } from '../codeartifact/targets.ts'
import { domainInput, isoTime, nextPage, pageInput, pageOf, text, time, wholeNumber } from './fields.ts'
import { operation } from './operation.ts'

/** Versions that are listed at once unless the caller says. Ours. */
const VERSIONS_PER_PAGE = 100

const figures = Type.Object({
  lookedAtVersions: Type.Integer(),
  heldVersions: Type.Integer(),
  chosenVersions: Type.Integer(),
  chosenBytes: Type.Integer(),
  freeableBytes: Type.Integer(),
  removedVersions: Type.Integer(),
  freedBytes: Type.Integer(),
})

const run = Type.Object({
  id: Type.String(),
  rule: Type.String(),
  ruleVersion: Type.Integer(),
  purpose: Type.Enum(['preview', 'monitor', 'enforce']),
  state: Type.Enum(['waiting', 'choosing', 'weighing', 'unconfirmed', 'removing', 'done', 'failed']),
  figures,
  /** Repositories of which it would remove more than the rule allows without a confirmation. */
  above: Type.Array(
    Type.Object({ repository: Type.String(), chosenVersions: Type.Integer(), ofVersions: Type.Integer() }),
  ),
  error: Type.Optional(Type.String()),
  askedBy: Type.String(),
  confirmedVersions: Type.Optional(Type.Integer()),
  createdAt: time,
  endedAt: Type.Optional(time),
})

const version = Type.Object({
  repository: Type.String(),
  format: Type.String(),
  namespace: Type.Optional(Type.String()),
  package: Type.String(),
  version: Type.String(),
  status: Type.String(),
  originType: Type.String(),
  action: Type.Enum(['delete', 'dispose']),
  sizeBytes: Type.Integer(),
  lastUsedAt: time,
})

const ruleInput = { ...domainInput, rule: text(64) }

export const retentionOperations = {
  PreviewRetention: operation({
    http: 'POST /packyard/v1/retention/previews',
    summary: 'Begins a dry run of a rule: which versions it would remove, and what that would free.',
    input: ruleInput,
    output: Type.Object({ run }),
    target: domainTarget,
    async run({ registry, caller, address, input: { rule } }) {
      const asked = await askForRun(registry, caller, { ...address, rule }, 'preview')
      await askForJob(registry, 'retention-preview')
      return { run: toRun(asked) }
    },
  }),
  RunRetention: operation({
    http: 'POST /packyard/v1/retention/runs',
    summary: 'Begins now what an enforced rule does every night.',
    input: ruleInput,
    output: Type.Object({ run }),
    target: domainTarget,
    async run({ registry, caller, address, input: { rule } }) {
      const asked = await askForRun(registry, caller, { ...address, rule }, 'enforce')
      await askForJob(registry, 'retention')
      return { run: toRun(asked) }
    },
  }),
  ConfirmRetention: operation({
    http: 'POST /packyard/v1/retention/confirmations',
    summary: 'Lets the last run of a rule remove as many versions as it has chosen; the number has to be given.',
    input: { ...ruleInput, versions: wholeNumber(1, Number.MAX_SAFE_INTEGER) },
    output: Type.Object({ run }),
    target: domainTarget,
    async run({ registry, caller, address, input: { rule, versions } }) {
      const confirmed = await confirmRun(registry, caller, { ...address, rule, versions })
      await askForJob(registry, 'retention')
      return { run: toRun(confirmed) }
    },
  }),
  ListRetentionRuns: operation({
    http: 'GET /packyard/v1/retention/runs',
    summary: 'Lists the last runs of a rule, the newest first.',
    input: { ...ruleInput, maxResults: Type.Optional(wholeNumber(1, 100)) },
    output: Type.Object({ runs: Type.Array(run) }),
    target: domainTarget,
    async run({ registry, address, input: { rule, maxResults = 20 } }) {
      const runs = await listRuleRuns(registry, { ...address, rule }, maxResults)
      return { runs: runs.map(toRun) }
    },
  }),
  GetRetentionRun: operation({
    http: 'GET /packyard/v1/retention/runs/{id}',
    summary: 'Says how far a run has come, and what it found.',
    input: { ...domainInput, id: text(100) },
    output: Type.Object({ run }),
    target: domainTarget,
    async run({ registry, address, input: { id } }) {
      const found = await requireRun(registry, address, id)
      // Asked for while the job before it was about to end.
      if (found.state === 'waiting') await askForJob(registry, jobOf(found))
      return { run: toRun(found) }
    },
  }),
  ListRetentionVersions: operation({
    http: 'GET /packyard/v1/retention/runs/{id}/versions',
    summary: 'Lists what a run has chosen, by repository and package.',
    input: { ...domainInput, id: text(100), ...pageInput },
    output: pageOf('versions', version),
    target: domainTarget,
    async run({ registry, address, input: { id }, page, nextToken }) {
      const { id: runId } = await requireRun(registry, address, id)
      const { size, after } = page(VERSIONS_PER_PAGE)
      const wanted = { runId, after: Number(after?.[0] ?? 0), limit: size + 1 }
      const found = await readCandidates(registry.metadata.db, wanted)
      const shown = found.slice(0, size)
      const last = found.length > size ? shown.at(-1) : undefined
      return { versions: shown.map(toVersion), ...nextPage(nextToken(last && [last.position])) }
    },
  }),
}

function jobOf({ purpose }: RetentionRun): 'retention' | 'retention-preview' {
  return purpose === 'preview' ? 'retention-preview' : 'retention'
}

/** Brings the job forward; one that runs already looks for more before it ends. */
async function askForJob(registry: RegistryParts, kind: 'retention' | 'retention-preview'): Promise<void> {
  await requestJob(registry, kind, { input: { rules: 'as asked' }, progress: 'begin afresh' })
}

function toRun({ rule, position, confirmedVersions, createdAt, endedAt, ...found }: RetentionRun) {
  const { id, purpose, state, figures: counted, askedBy } = found
  return {
    id,
    rule: rule.name,
    ruleVersion: rule.version,
    purpose,
    state,
    figures: counted,
    above: [...(position.above ?? [])],
    ...(position.error !== undefined && { error: position.error }),
    askedBy,
    ...(confirmedVersions !== undefined && { confirmedVersions }),
    createdAt: isoTime(createdAt),
    ...(endedAt !== undefined && { endedAt: isoTime(endedAt) }),
  }
}

function toVersion(candidate: RetentionCandidate) {
  const {
    repository,
    format,
    namespace,
    name,
    version: number,
    status,
    originType,
    action,
    sizeBytes,
    usedAt,
  } = candidate
  return {
    repository,
    format,
    ...(namespace !== '' && { namespace }),
    package: name,
    version: number,
    status,
    originType,
    action,
    sizeBytes,
    lastUsedAt: isoTime(usedAt),
  }
}
