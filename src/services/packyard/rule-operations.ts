import Type from 'typebox'
import { ruleKinds } from '../../governance/kinds.ts'
import {
  type Finding,
  getRule,
  type ListedRule,
  listFindings,
  listRules,
  listRuleVersions,
  type RuleVersion,
} from '../../governance/rule-lists.ts'
import { deleteRule, putRule } from '../../governance/rule-store.ts'
import { domainTarget } from '../codeartifact/targets.ts'
import { domainInput, isoTime, nextPage, oneOf, pageInput, pageOf, text, time, wholeNumber } from './fields.ts'
import { operation } from './operation.ts'
import { nothing } from './targets.ts'

/** Ours. */
const RULES_PER_PAGE = 100

const rule = Type.Object({
  name: Type.String(),
  kind: Type.String(),
  mode: Type.Enum(['monitor', 'enforce']),
  /** The pattern of a package group, or a repository; neither for the whole domain. */
  packageGroup: Type.Optional(Type.String()),
  repository: Type.Optional(Type.String()),
  parameters: Type.Record(Type.String(), Type.Unknown()),
  description: Type.String(),
  contact: Type.String(),
  version: Type.Integer(),
  createdAt: time,
  createdBy: Type.String(),
  updatedAt: time,
  updatedBy: Type.String(),
})

const ruleVersion = Type.Object({
  version: Type.Integer(),
  change: Type.Enum(['created', 'changed', 'deleted']),
  changedAt: time,
  changedBy: Type.String(),
  /** What the rule was from then on. */
  rule: Type.Record(Type.String(), Type.Unknown()),
})

const finding = Type.Object({
  repository: Type.String(),
  format: Type.String(),
  namespace: Type.Optional(Type.String()),
  package: Type.String(),
  version: Type.String(),
  reason: Type.String(),
  count: Type.Integer(),
  firstSeenAt: time,
  lastSeenAt: time,
})

const ruleInput = { ...domainInput, rule: text(64) }

export const ruleOperations = {
  ListRuleKinds: operation({
    http: 'GET /packyard/v1/rule-kinds',
    summary: 'Lists the kinds of rules that there are, and the parameters of each as a JSON schema.',
    action: 'none',
    input: {},
    output: Type.Object({
      kinds: Type.Array(
        Type.Object({
          kind: Type.String(),
          summary: Type.String(),
          /** An approval of a version lets it pass. */
          isApprovable: Type.Boolean(),
          parameters: Type.Unknown(),
        }),
      ),
    }),
    target: nothing,
    async run() {
      const kinds = ruleKinds.map(({ id, summary, isApprovable, parameters }) => {
        return { kind: id, summary, isApprovable, parameters }
      })
      return { kinds }
    },
  }),
  ListRules: operation({
    http: 'GET /packyard/v1/rules',
    summary: 'Lists the rules of a domain, by name.',
    input: { ...domainInput, ...pageInput },
    output: pageOf('rules', rule),
    target: domainTarget,
    async run({ registry, address, page, nextToken }) {
      const { items, next } = await listRules(registry, address, page(RULES_PER_PAGE))
      return { rules: items.map(toRule), ...nextPage(nextToken(next)) }
    },
  }),
  GetRule: operation({
    http: 'GET /packyard/v1/rules/{rule}',
    summary: 'Gives one rule.',
    input: ruleInput,
    output: Type.Object({ rule }),
    target: domainTarget,
    async run({ registry, address, input }) {
      return { rule: toRule(await getRule(registry, address, input.rule)) }
    },
  }),
  PutRule: operation({
    http: 'PUT /packyard/v1/rules/{rule}',
    summary: 'Makes a rule, or a new version of it; every process obeys at once.',
    input: {
      ...ruleInput,
      kind: text(40),
      mode: oneOf(['monitor', 'enforce']),
      packageGroup: Type.Optional(text(520)),
      repository: Type.Optional(text(100)),
      parameters: Type.Optional(
        Type.Record(Type.String(), Type.Unknown(), { rule: 'must be an object of the parameters of the kind' }),
      ),
      description: Type.Optional(text(1000, 0)),
      contact: Type.Optional(text(100, 0)),
      expectedVersion: Type.Optional(wholeNumber(0, 1_000_000_000)),
    },
    output: Type.Object({ rule }),
    target: domainTarget,
    async run({ registry, caller, address, input }) {
      const { rule: name, kind, mode, packageGroup: group, repository, parameters = {} } = input
      const { description = '', contact = '', expectedVersion } = input
      const draft = { address, name, kind, mode, group, repository, parameters, description, contact, expectedVersion }
      await putRule(registry, caller, draft)
      return { rule: toRule(await getRule(registry, address, name)) }
    },
  }),
  DeleteRule: operation({
    http: 'DELETE /packyard/v1/rules/{rule}',
    summary: 'Deletes a rule; its history stays.',
    input: ruleInput,
    output: Type.Object({ rule }),
    target: domainTarget,
    async run({ registry, caller, address, input }) {
      const deleted = await getRule(registry, address, input.rule)
      await deleteRule(registry, caller, address, input.rule)
      return { rule: toRule(deleted) }
    },
  }),
  ListRuleVersions: operation({
    http: 'GET /packyard/v1/rules/{rule}/versions',
    summary: 'Lists what a rule has been and who made it so, latest first.',
    input: { ...ruleInput, ...pageInput },
    output: pageOf('versions', ruleVersion),
    target: domainTarget,
    async run({ registry, address, input, page, nextToken }) {
      const { items, next } = await listRuleVersions(registry, address, input.rule, page(RULES_PER_PAGE))
      return { versions: items.map(toVersion), ...nextPage(nextToken(next)) }
    },
  }),
  ListRuleFindings: operation({
    http: 'GET /packyard/v1/rules/{rule}/findings',
    summary: 'Lists the versions that a rule in monitor mode let pass and would have held.',
    input: { ...ruleInput, ...pageInput },
    output: pageOf('findings', finding),
    target: domainTarget,
    async run({ registry, address, input, page, nextToken }) {
      const { items, next } = await listFindings(registry, address, input.rule, page(RULES_PER_PAGE))
      return { findings: items.map(toFinding), ...nextPage(nextToken(next)) }
    },
  }),
}

function toRule({ scope, repositoryName, ...known }: ListedRule) {
  const { name, kind, mode, parameters, description, contact, version, createdBy, updatedBy } = known
  return {
    name,
    kind,
    mode,
    ...(scope.type === 'group' && { packageGroup: scope.pattern.text }),
    ...(scope.type === 'repository' && { repository: repositoryName ?? '(deleted)' }),
    parameters: { ...parameters },
    description,
    contact,
    version,
    createdAt: isoTime(known.createdAt),
    createdBy,
    updatedAt: isoTime(known.updatedAt),
    updatedBy,
  }
}

function toVersion({ version, change, changedAt, changedBy, body }: RuleVersion) {
  return { version, change, changedAt: isoTime(changedAt), changedBy, rule: { ...body } }
}

function toFinding({ namespace, name, firstSeenAt, lastSeenAt, ...found }: Finding) {
  return {
    ...found,
    ...(namespace !== '' && { namespace }),
    package: name,
    firstSeenAt: isoTime(firstSeenAt),
    lastSeenAt: isoTime(lastSeenAt),
  }
}
