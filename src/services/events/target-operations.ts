import type { Static } from 'typebox'
import { findDestination } from '../../journal/bus/destinations.ts'
import { putTarget, readTargets, removeTarget, type TargetSettings } from '../../journal/bus/targets.ts'
import { findEndpoint, parseAwsArn } from '../../jobs/events/send-aws.ts'
import { addressOf, destinationArn } from '../../jobs/events/send-webhook.ts'
import { parseTargetInput, TargetInputError } from '../../jobs/events/target-input.ts'
import { invalid, refused } from '../../registry/errors.ts'
import { CodedError } from '../coded-error.ts'
import * as field from './fields.ts'
import { checkHeader } from './auth-parameters.ts'
import { type EventsCall, eventsOperation, requireRule } from './operation.ts'

/** Source: EventBridge User Guide, "Amazon EventBridge quotas". */
const TARGETS_PER_RULE_MAX = 5

/** Members of `Target` that would change what is sent, or where, and that nothing here heeds. */
const UNSERVED = ['DeadLetterConfig', 'BatchParameters', 'EcsParameters', 'KinesisParameters', 'RunCommandParameters']

type GivenTarget = Static<typeof field.targets>[number]

const one = { Rule: field.name, EventBusName: field.busName }

export const targetOperations = {
  PutTargets: eventsOperation({
    input: { ...one, Targets: field.targets },
    async run(call) {
      const { registry, input } = call
      const rule = await requireRule(call, input.Rule)
      for (const target of input.Targets) await checkTarget(call, target)
      const shown = input.Targets.map(({ Id: id, Arn: arn }) => ({ id, arn }))
      await call.change({ rule: rule.name, targets: shown }, async (write) => {
        for (const { Id: id, Arn: arn, ...settings } of input.Targets) {
          const target = { key: registry.randomId(), ruleId: rule.id, id, arn, settings: settingsOf(settings) }
          await putTarget(write, target)
        }
        if ((await readTargets(write.tx, [rule.id])).length > TARGETS_PER_RULE_MAX) {
          const message = `The requested resource exceeds the maximum number allowed: ${TARGETS_PER_RULE_MAX} targets.`
          throw new CodedError('LimitExceededException', message)
        }
      })
      return { FailedEntryCount: 0, FailedEntries: [] }
    },
  }),
  RemoveTargets: eventsOperation({
    input: { ...one, Ids: field.ids, Force: field.flag },
    async run(call) {
      const { input } = call
      const rule = await requireRule(call, input.Rule)
      const missing = await call.change({ rule: rule.name, ids: input.Ids }, async (write) => {
        const absent: string[] = []
        for (const id of input.Ids) if (!(await removeTarget(write, rule.id, id))) absent.push(id)
        return absent
      })
      const FailedEntries = missing.map((TargetId) => ({
        TargetId,
        ErrorCode: 'ResourceNotFoundException',
        ErrorMessage: `Rule ${rule.name} does not have target(s) with id(s): ${TargetId}`,
      }))
      return { FailedEntryCount: FailedEntries.length, FailedEntries }
    },
  }),
  ListTargetsByRule: eventsOperation({
    // A rule has five at most: they fit on the first page.
    input: { ...one, Limit: field.limit, NextToken: field.nextToken },
    async run(call) {
      const rule = await requireRule(call, call.input.Rule)
      const targets = await readTargets(call.registry.metadata.db, [rule.id])
      return { Targets: targets.map(({ id: Id, arn: Arn, settings }) => ({ Id, Arn, ...settings })) }
    },
  }),
}

/** What the schema knows, and nothing else that a client may have sent. */
function settingsOf(given: Omit<GivenTarget, 'Id' | 'Arn'>): TargetSettings {
  const { RoleArn, Input, InputPath, InputTransformer, HttpParameters, SqsParameters, RetryPolicy } = given
  const members = { RoleArn, Input, InputPath, InputTransformer, HttpParameters, SqsParameters, RetryPolicy }
  const present = Object.entries(members).filter(([, value]) => value !== undefined && value !== null)
  return Object.fromEntries(present) as TargetSettings
}

/** Throws `invalid`: whatever would fail at every delivery is said now. */
async function checkTarget(call: EventsCall<unknown>, target: GivenTarget): Promise<void> {
  const unserved = UNSERVED.find((name) => (target as Record<string, unknown>)[name] !== undefined)
  if (unserved === 'DeadLetterConfig') {
    throw refused('DeadLetterConfig is not served here: what cannot be delivered is kept; see packyard events list')
  }
  if (unserved !== undefined) throw refused(`${unserved} is not served here`)
  checkInput(target)
  for (const name of Object.keys(target.HttpParameters?.HeaderParameters ?? {})) checkHeader('HeaderParameters', name)
  const destination = destinationArn.exec(target.Arn)
  if (destination) return checkDestination(call, target, destination)
  if (!parseAwsArn(target.Arn)) {
    throw invalid(
      `Target ${target.Id}: Arn`,
      target.Arn,
      'must be of an API destination, a queue, a topic or an event bus',
    )
  }
  if (!findEndpoint(call.parts.endpoints, target.Arn)) {
    throw invalid(`Target ${target.Id}: Arn`, target.Arn, 'must be named in the setting eventTargets of this server')
  }
}

function checkInput(target: GivenTarget): void {
  try {
    parseTargetInput(settingsOf(target))
  } catch (cause) {
    if (cause instanceof TargetInputError) throw refused(`Target ${target.Id}: ${cause.message}`)
    throw cause
  }
}

async function checkDestination(call: EventsCall<unknown>, target: GivenTarget, arn: RegExpExecArray): Promise<void> {
  const [, account, name = '', id] = arn
  const found =
    account === call.account ? await findDestination(call.registry.metadata.db, call.account, name) : undefined
  if (found?.id !== id || !found) {
    throw invalid(`Target ${target.Id}: Arn`, target.Arn, 'must be of an API destination that is there')
  }
  try {
    addressOf(found.endpoint, settingsOf(target), {})
  } catch {
    throw refused(`Target ${target.Id}: PathParameterValues make no address of ${found.endpoint}`)
  }
}
